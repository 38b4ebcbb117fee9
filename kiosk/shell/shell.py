"""The shell: waits for one thing at most, turns it into an event, carries out what the journey orders, draws."""

import logging
import math
import select
from collections import deque
from dataclasses import replace

from audio.player.protocol import Hush
from kiosk.button import debounce
from kiosk.journey import aloud, effects, events, people
from kiosk.journey.letters import Phrases
from kiosk.journey.nightfall import is_night
from kiosk.journey.notes import subject_of
from kiosk.journey.show import view_of
from kiosk.journey.state import Choosing, Explaining, Home, Journey, Playing, Returning
from kiosk.journey.step import draft_of
from kiosk.journey.views import Frame, NoticeView, View
from kiosk.journey.voice import Voice
from kiosk.screen import touch
from kiosk.screen.place import place
from kiosk.screen.port import (
    PLAIN,
    CloseAsked,
    Input,
    PointerDown,
    PointerMoved,
    PointerUp,
    SpacePressed,
    SpaceReleased,
)
from kiosk.shell.parts import Parts
from kiosk.shell.store import StorageError
from kiosk.shell.telling import Telling, told_in_the_log
from mqtt_bridge.bell import POLL_S, ring
from mqtt_bridge.contract.stamp import Stamp

WRITE_AGAIN_MS = 5_000
LETTERS_MS_MAX = 1_000
"""Typed letters are gathered for so long: each commit costs the disk an fsync."""
TICK_MS_MIN = 1_000
"""A journey that asks for a tick in the past is not obeyed more often than this."""

SETTLES_A_LEVEL = (Home, Choosing, Explaining)
"""Where a touch may settle how loud a care is: a package may have come since the last look."""

log = logging.getLogger(__name__)


def _with_notes_of(waiting: effects.Write | None, order: effects.Write) -> effects.Write:
    """The later write takes the place of letters that wait: what they noted goes with it, unless it notes it anew."""
    if waiting is None:
        return order
    noted = {subject_of(note) for note in order.notes}
    return replace(order, notes=(*(n for n in waiting.notes if subject_of(n) not in noted), *order.notes))


class Shell:
    """One queue, one loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        said = parts.words
        self._journey = Journey(parts.store.epoch, phrases=Phrases(said.letters.phrases, said.delivery.phrases))
        self._voice = Voice(parts.speech.able, parts.listener.calibration.dba(0.0), parts.speech.leads)
        self._queue: deque[events.Event | events.SpeechEnded] = deque()
        self._telling = Telling(parts, self._queue)
        self._hand = touch.Hand()
        self._contact = debounce.Contact()
        self._shown: View | None = None
        self._around: Frame = PLAIN
        self._unwritten: deque[effects.Write] = deque()
        self._letters: effects.Write | None = None
        self._letters_ms = 0
        self._write_again_ms = 0
        self._poll_ms = 0
        self._ticked_ms = 0
        self.closing = False
        self.turned: bool | None = None
        """Staff have begun the training mode (True) or ended it (False): another shell takes over."""

    def start(self) -> None:
        """Read what is under way and draw the first screen. Raises StorageError."""
        now = self._parts.clock()
        draft = self._parts.store.draft()
        self._parts.sound.find(now.monotonic_ms)  # before home says that there is no sound
        self._queue.append(events.TriesTold(now, self._parts.store.tries(now)))
        self._read_link(now)
        self._take_all()
        self._queue.append(events.PowerReturned(now, draft))
        self._take_all()
        self._read_link(now)
        self._take_all()

    def step(self, wake: int, wait_s_max: float = math.inf) -> None:
        """Wait for a finger, the button, the player, the link, the time, or a byte on `wake`; then act."""
        parts = self._parts
        watched = [*parts.window.filenos(), *parts.sound.filenos(), parts.button.fileno(), parts.bell.fileno(), wake]
        watched += [parts.codes.fileno(), parts.service.fileno()]
        watched += [part.fileno() for part in (parts.mirror, parts.rehearsal, parts.presence) if part is not None]
        ready, _, _ = select.select(watched, [], [], min(self._wait_s(), wait_s_max))
        now = parts.clock()
        self._hear_hands(now)
        self._hear_button(now)
        self._hear_player(now)
        self._queue.extend(events.CodeChecked(now, patient, fits) for patient, fits in parts.codes.answers())
        self._hear_examination(now)
        self._hear_link(now, rung=parts.bell.fileno() in ready)
        if parts.mirror is not None:
            parts.mirror.welcome()
        self._hear_time(now)
        self._take_all()
        if parts.presence is not None and parts.presence.fileno() in ready:
            parts.presence.answer(parts.window, parts.button, parts.clock())
        parts.window.animate(parts.clock().monotonic_ms)

    @property
    def departed(self) -> bool:
        """The clinic has ordered the box to leave. Stolen: at once; otherwise once what was begun is written."""
        kind = self._parts.departing.kind
        if kind is None or kind == "wipe":
            return kind is not None
        busy = isinstance(self._journey.place, Playing | Returning) or draft_of(self._journey) is not None
        return not busy and not self._unwritten and self._letters is None

    # What is heard

    def _hear_hands(self, now: Stamp) -> None:
        for heard in self._parts.window.inputs():
            self._hear_input(heard, now)
            self._take_all()

    def _hear_input(self, heard: Input, now: Stamp) -> None:
        match heard:
            case PointerDown() | PointerMoved() | PointerUp():
                self._feel(heard, now)
            case SpacePressed() | SpaceReleased():
                if self._parts.rehearsal is not None:
                    self._parts.rehearsal.move(down=isinstance(heard, SpacePressed))
            case CloseAsked():
                self.closing = True
            case _:
                pass

    def _feel(self, pointer: PointerDown | PointerMoved | PointerUp, now: Stamp) -> None:
        window, before = self._parts.window, self._hand.pressed
        self._hand, accepted = touch.feel(self._hand, pointer, window.targets(), now.monotonic_ms)
        if self._hand.pressed != before:
            window.press(self._hand.pressed)
        if accepted is not None and not self._refusing():
            if isinstance(self._journey.place, SETTLES_A_LEVEL):
                with told_in_the_log():
                    self._telling.ears(self._journey, now)
            self._queue.append(events.Touched(now, accepted.name, accepted.value))

    def _hear_button(self, now: Stamp) -> None:
        if self._parts.rehearsal is not None:
            self._parts.rehearsal.obey()
        for edge in self._parts.button.edges():
            self._contact, pushes = debounce.feel(self._contact, edge)
            for one in pushes:
                self._push(one, now)
        self._contact, push = debounce.settle(self._contact, now.monotonic_ms)
        self._push(push, now)

    def _refusing(self) -> bool:
        """While the disk refuses what was answered nothing new is begun. A care that plays can still be stopped."""
        return bool(self._unwritten) and not isinstance(self._journey.place, Playing)

    def _push(self, push: debounce.Push | None, now: Stamp) -> None:
        if self._refusing():
            return
        if push is debounce.Push.PRESSED:
            self._queue.append(events.ButtonPressed(now))
        elif push is debounce.Push.HELD:
            self._queue.append(events.ButtonHeld(now))
        self._take_all()

    def _hear_player(self, now: Stamp) -> None:
        sound = self._parts.sound
        sound.find(now.monotonic_ms)
        if self._journey.box is not None and self._journey.box.player != sound.connected:
            with told_in_the_log():
                self._telling.box(self._journey, now)
        for said in sound.hear():
            self._queue.append(events.PlayerGone(now) if said is None else events.SoundReported(now, said))
            if said is None and self._voice.saying is not None:
                self._queue.append(events.SpeechEnded(now, self._voice.saying))
        for over in sound.spoken():
            if over.id.isdecimal():  # the self-test says things too
                self._queue.append(events.SpeechEnded(now, int(over.id), over.unsaid))

    def _hear_examination(self, now: Stamp) -> None:
        found = self._parts.service.found()
        if found is not None:
            self._queue.append(events.Examined(now, found.findings, found.filled))

    def _hear_link(self, now: Stamp, *, rung: bool) -> None:
        if rung:
            self._parts.bell.silence()
        if rung or now.monotonic_ms >= self._poll_ms:
            self._read_link(now)

    def _read_link(self, now: Stamp) -> None:
        self._poll_ms = now.monotonic_ms + round(POLL_S * 1000)
        self._look_at_panels()
        self._telling.look(self._journey, now)

    def _look_at_panels(self) -> None:
        """A mode is set once, at the start: a panel that came back gets its picture from a kiosk that starts anew."""
        back = self._parts.panels.back() if self._parts.panels is not None else []
        if back:
            log.warning("a panel came back (%s): the screen is started again", ", ".join(back))
            self.closing = True

    def _hear_time(self, now: Stamp) -> None:
        self._write_what_waits(now.monotonic_ms)
        self._write_letters(now.monotonic_ms)
        alarm_ms = aloud.alarm_of(self._journey, self._voice)
        if alarm_ms is not None and now.monotonic_ms >= max(alarm_ms, self._ticked_ms + TICK_MS_MIN):
            self._ticked_ms = now.monotonic_ms
            self._queue.append(events.Ticked(now))

    def _wait_s(self) -> float:
        now_ms = self._parts.clock().monotonic_ms
        alarm_ms = aloud.alarm_of(self._journey, self._voice)
        due = [
            self._poll_ms - now_ms,
            self._parts.window.next_frame_ms(now_ms),
            self._parts.sound.retry_ms(now_ms),
            None if alarm_ms is None else max(alarm_ms, self._ticked_ms + TICK_MS_MIN) - now_ms,
            None if (push_ms := debounce.due_ms(self._contact)) is None else push_ms - now_ms,
            self._write_again_ms - now_ms if self._unwritten else None,
            self._letters_ms - now_ms if self._letters is not None else None,
        ]
        return max(0, min(wait_ms for wait_ms in due if wait_ms is not None)) / 1000

    # What is done

    def _take_all(self) -> None:
        while self._queue:
            event = self._queue.popleft()
            in_front = people.in_front(self._journey)
            self._journey, self._voice, todo = aloud.step(self._journey, self._voice, event, self._parts.words)
            for effect in todo:
                self._carry(effect)
            if people.in_front(self._journey) != in_front:
                self._telling.person(self._journey, event.at)
        self._draw()
        if self._letters is not None:
            self._write_letters(self._parts.clock().monotonic_ms)
            self._draw()

    def finish(self) -> None:
        """Told to stop: nothing typed is left behind, and what the disk refused is tried once more."""
        self._letters_ms = 0
        self._write_letters(self._parts.clock().monotonic_ms)
        self._write_what_waits(self._write_again_ms)

    def _carry(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Write():
                self._write(effect)
            case effects.Reserve():
                if not self._parts.store.reserve():
                    log.error("no room on the disk for a session")
                    self._queue.append(events.RoomRefused(self._parts.clock()))
            case effects.Collect() if self._unwritten:
                pass  # its result is not on the disk yet: the player goes on keeping it
            case effects.CheckCode():
                self._parts.codes.check(effect)
            case effects.Examine() | effects.TestSound() | effects.Train() | effects.RestartScreen():
                self._serve_staff(effect)
            case effects.Light(mode):
                self._parts.button.light(mode)
            case effects.Say():
                self._say(effect)
            case effects.Hush():
                self._parts.sound.pass_on(Hush())
            case _:
                self._parts.sound.tell(effect)

    def _serve_staff(self, effect: effects.Examine | effects.TestSound | effects.Train | effects.RestartScreen) -> None:
        match effect:
            case effects.Examine():
                self._parts.service.examine()
            case effects.TestSound(gain_db):
                self._test_sound(gain_db)
            case effects.Train(on):
                self.turned = on
            case effects.RestartScreen():
                self.closing = True

    def _test_sound(self, gain_db: float) -> None:
        try:
            self._parts.sound.pass_on(self._parts.service.test_sound(gain_db))
        except OSError as error:
            log.error("no test sound: %s", error)  # noqa: TRY400  # who listens hears that there is none

    def _say(self, order: effects.Say) -> None:
        """What nobody can say is over at once: the way by the button goes on without it."""
        command, unsaid = self._parts.speech.command(order)
        if command is None or not self._parts.sound.pass_on(command):
            self._queue.append(events.SpeechEnded(self._parts.clock(), order.number, unsaid))

    def _write(self, order: effects.Write) -> None:
        """On the disk before the screen changes; letters alone are drawn first, and written within a second.

        Letters that have not been written yet are in the next write: its draft is the newest.
        """
        if order.may_wait and not self._unwritten:
            self._letters = _with_notes_of(self._letters, order)
            return
        order = _with_notes_of(self._letters, order)
        self._letters, self._letters_ms = None, 0
        self._unwritten.append(order)
        self._write_what_waits(self._write_again_ms)

    def _write_letters(self, now_ms: int) -> None:
        """Write the letters that the screen shows already, at most once a second."""
        order = self._letters
        if order is None or now_ms < self._letters_ms:
            return
        self._letters, self._letters_ms = None, now_ms + LETTERS_MS_MAX
        self._unwritten.append(order)
        self._write_what_waits(self._write_again_ms)

    def _write_what_waits(self, now_ms: int) -> None:
        """Write in order. What the disk refuses stays in memory, is shown, and is tried again."""
        if now_ms < self._write_again_ms:
            return
        while self._unwritten:
            try:
                self._parts.store.write(self._unwritten[0])
            except StorageError as error:
                log.exception("the disk refused a record; it is kept in memory: %s", error)  # noqa: TRY401
                self._write_again_ms = self._parts.clock().monotonic_ms + WRITE_AGAIN_MS
                return
            written = self._unwritten.popleft()
            if written.reports:
                ring(self._parts.link_bell)
                self._read_link(written.at)  # home must not say of the former session what is not true of this one

    def _draw(self) -> None:
        now = self._parts.clock()
        now_ms, view = now.monotonic_ms, self._view(now)
        around = self._frame(view, now)
        if view == self._shown and around == self._around:
            return
        if self._shown is None or place(view) != place(self._shown):
            self._hand = touch.screen_changed(self._hand, now_ms)
        self._shown, self._around = view, around
        self._parts.window.show(view, now_ms, around)
        if self._parts.mirror is not None:
            self._parts.mirror.show(view, self._parts.window.targets(), around)

    def _frame(self, view: View, now: Stamp) -> Frame:
        mark = self._parts.words.service.training_mark if self._parts.standing.training else ""
        night = is_night(self._journey, now)
        if self._refusing():
            return replace(PLAIN, training=mark, night=night)
        frame = aloud.frame_of(self._journey, self._voice, view, self._parts.words)
        return replace(frame, training=mark, night=night)

    def _view(self, now: Stamp) -> View:
        if self._refusing():
            notice = self._parts.words.notice["kept-in-memory"]
            return NoticeView(notice.title, notice.lines, "", "disk-full")
        return view_of(self._journey, self._parts.words, now)
