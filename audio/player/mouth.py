"""Says words: on a device of its own, on that of a session that is ready, or over one that sounds. Never in its way."""

import logging
from collections.abc import Callable
from typing import Literal, Protocol

from audio.errors import AudioError, DeviceError
from audio.player.gain import narrow
from audio.player.playback import Playback
from audio.player.protocol import Say, Spoken
from audio.player.session import CareSession
from audio.player.sink import OpenSink, Sink, Underrun
from audio.player.speech import Speech
from audio.player.words import RATE_HZ, Fetch, Words

CHANNELS = 2
BUFFER_MS = 500
QUEUED_MS = 250
"""So much waits in the device at most: what a hush comes late."""
LOOK_S = 0.06
FETCH_S_MAX = 20.0
LATE_S_MAX = 10.0
"""Words that take so much longer than they are long are given up: the device hangs."""
FETCHES_MAX = 4
"""Threads that a stalled card may hold: more words are not read."""

Outcome = Literal["said", "hushed"]
log = logging.getLogger("chevet.player")


class Carrier(Protocol):
    """What brings words to the ear."""

    def pump(self) -> bool:
        """Go on; False when all has been heard. Raises DeviceError."""

    def hush(self) -> None: ...

    def cut(self) -> None:
        """Let go of the device at once. Raises DeviceError."""

    def serves(self, session: CareSession | None) -> bool:
        """Return whether it is still the way to say something."""


class OnSink:
    """Words on a device that nothing else plays on. `ready`: the session whose device it is, None for one's own."""

    def __init__(self, sink: Sink, speech: Speech, ready: CareSession | None) -> None:
        self._sink, self._speech, self._ready = sink, speech, ready
        self._granted = sink.granted
        self._frame_bytes = self._granted.channels * self._granted.sample_bytes
        self._pending = memoryview(b"")
        self._draining = False

    def serves(self, session: CareSession | None) -> bool:
        if self._ready is not None:
            return session is self._ready and session.ready_sink is self._sink
        return session is None or session.phase == "ended"

    def hush(self) -> None:
        self._speech.hush()

    def cut(self) -> None:
        if self._ready is None:
            self._sink.close()
        elif self._ready.ready_sink is self._sink:
            self._sink.rewind()

    def pump(self) -> bool:
        if self._draining:
            return self._avail_frames() < self._granted.buffer_frames
        room_frames = self._avail_frames() - (self._granted.buffer_frames - self._queued_frames())
        while room_frames > 0 and (self._pending or self._load(room_frames)):
            taken = self._write()
            room_frames -= taken
            if not taken:
                break
        if not self._pending and not self._speech.frames_left:
            self._sink.drain()
            self._draining = True
        return True

    def _queued_frames(self) -> int:
        return min(self._granted.buffer_frames, self._granted.rate_hz * QUEUED_MS // 1000)

    def _avail_frames(self) -> int:
        try:
            return self._sink.avail_frames()
        except Underrun:  # a gap in words is no gap in care: it is not counted
            return self._granted.buffer_frames

    def _load(self, frames: int) -> bool:
        samples = self._speech.take(frames)
        self._pending = memoryview(narrow(samples) if self._granted.sample_bytes == 2 else samples)
        return bool(self._pending)

    def _write(self) -> int:
        try:
            taken = self._sink.write(self._pending)
        except Underrun:
            return 0
        self._pending = self._pending[taken * self._frame_bytes :]
        return taken


class OverMusic:
    """Words mixed into what plays. They are heard as late as a change of level is: the device's buffer."""

    def __init__(self, playback: Playback, speech: Speech) -> None:
        self._playback, self._speech = playback, speech
        playback.over = speech

    def serves(self, session: CareSession | None) -> bool:
        return session is not None and session.sounding and session.playback is self._playback

    def hush(self) -> None:
        self._speech.hush()

    def cut(self) -> None:
        self._playback.over = None

    def pump(self) -> bool:
        if not self._speech.frames_left:
            self._playback.over = None
        return self._speech.frames_left > 0


class Mouth:
    """One utterance at a time, from `Say` to the `Spoken` that ends it."""

    def __init__(
        self, device: str, open_sink: OpenSink, fetch: Callable[[Say], Fetch], now_ns: Callable[[], int]
    ) -> None:
        self._device, self._open_sink, self._fetch_words, self._now_ns = device, open_sink, fetch, now_ns
        self._order: Say | None = None
        self._fetch: Fetch | None = None
        self._words: Words | None = None
        self._carrier: Carrier | None = None
        self._until_ns = 0
        self._hushed = False
        self._fetches: list[Fetch] = []
        self._told: list[Spoken] = []

    @property
    def speaking(self) -> bool:
        """Whether words have a device now."""
        return self._carrier is not None

    def say(self, order: Say) -> None:
        self.cut()
        self._fetches = [fetch for fetch in self._fetches if fetch.result() is None]
        self._order = order
        if len(self._fetches) >= FETCHES_MAX:
            self._over("said", len(order.pieces), "the recordings cannot be read: the card does not answer")
            return
        self._fetch = self._fetch_words(order)
        self._fetches.append(self._fetch)
        self._until_ns = self._now_ns() + round(FETCH_S_MAX * 1e9)

    def hush(self) -> None:
        """Fall silent softly; words that are not heard yet are forgotten."""
        if self._carrier is not None:
            self._carrier.hush()
            self._hushed = True
        elif self._order is not None:
            self._over("hushed")

    def cut(self) -> None:
        """Be silent now, and give the device back: care waits for nothing."""
        if self._order is not None:
            self._over("hushed")

    def tick(self, session: CareSession | None) -> None:
        if self._carrier is not None and not self._carrier.serves(session):
            self._over("hushed")
        if self._order is None:
            return
        try:
            self._go_on(self._order, session)
        except AudioError as error:
            self._over("said", len(self._order.pieces), str(error))

    def wait_s_max(self) -> float | None:
        """Return how long the loop may sleep; None: as long as it likes."""
        return LOOK_S if self._order is not None else None

    def told(self) -> list[Spoken]:
        """Return what came to its end since the last time."""
        told, self._told = self._told, []
        return told

    def _go_on(self, order: Say, session: CareSession | None) -> None:
        late = self._now_ns() >= self._until_ns
        if self._carrier is not None:
            if late or not self._carrier.pump():
                self._over("said", self._words.unsaid if self._words else 0, self._words.detail if self._words else "")
        elif self._words is None:
            self._look_at_fetch(order, late=late)
        if self._order is not None and self._words is not None and self._carrier is None:
            self._carry(order, self._words, session)

    def _look_at_fetch(self, order: Say, *, late: bool) -> None:
        self._words = self._fetch.result() if self._fetch else None
        if self._words is not None and not self._words.samples:
            self._over("said", self._words.unsaid, self._words.detail)
        elif self._words is None and late:
            self._over("said", len(order.pieces), f"the recordings were not read within {FETCH_S_MAX:.0f} s")

    def _carry(self, order: Say, words: Words, session: CareSession | None) -> None:
        """Begin, by the way that there is. While a session is being prepared there is none: the words wait."""
        if session is not None and session.phase == "preparing":
            self._until_ns = self._now_ns() + round(LATE_S_MAX * 1e9)
            return
        self._carrier = self._way(order, words, session)
        seconds = len(words.samples) / 2 / RATE_HZ
        self._until_ns = self._now_ns() + round((seconds + LATE_S_MAX) * 1e9)
        self._carrier.pump()

    def _way(self, order: Say, words: Words, session: CareSession | None) -> Carrier:
        if session is not None and session.sounding and session.playback is not None:
            return OverMusic(session.playback, Speech(words, session.playback.granted, order.gain_db))
        if session is not None and (ready := session.ready_sink) is not None:
            return OnSink(ready, Speech(words, ready.granted, order.gain_db), session)
        sink = self._open_sink(self._device, RATE_HZ, CHANNELS, BUFFER_MS)
        return OnSink(sink, Speech(words, sink.granted, order.gain_db), None)

    def _over(self, outcome: Outcome, unsaid: int = 0, detail: str = "") -> None:
        order, carrier, fetch = self._order, self._carrier, self._fetch
        self._order = self._carrier = self._fetch = self._words = None
        if fetch is not None:
            fetch.cancel()
        if carrier is not None:
            _let_go(carrier)
        if order is not None:
            if unsaid:
                log.warning("%d of %d pieces were not said: %s", unsaid, len(order.pieces), detail)
            ended: Outcome = "hushed" if self._hushed else outcome
            self._told.append(Spoken(id=order.id, outcome=ended, unsaid=unsaid, detail=detail))
        self._hushed = False


def _let_go(carrier: Carrier) -> None:
    try:
        carrier.cut()
    except DeviceError as error:  # a session that wants this device will find out, and say so
        log.warning("the device of the words: %s", error)
