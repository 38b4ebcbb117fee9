"""Somebody in front of the emulator: sees its screen, touches it, presses its button. Every step leaves its picture."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pygame

from kiosk.journey.views import Frame, PlayingView, ServiceView, View
from kiosk.screen import breath
from kiosk.screen.gallery import draw
from kiosk.screen.geometry import Rect
from kiosk.screen.painter import laid_out
from kiosk.screen.slope import ConeSlope
from kiosk.screen.theme import panel_of
from tests.appliance import eyes
from tests.appliance.emulator import SIZE, Emulator
from tests.appliance.qmp import EmulatorError
from tests.appliance.twin import Kept, Twin

SEE_S_MAX = 300.0
"""A loaded host runs the emulator at a tenth of its speed; what takes longer than this does not come."""
SETTLED_S = 0.8
"""After a change of screen the box takes no touch for a quarter of a second."""
FRAMES = (Frame(), Frame(night=True))
"""By day and by night: which of them, the hour says, and the box may not know the hour yet."""


@dataclass
class Step:
    """One picture: its name, when it was seen, and what the card must hold from then on."""

    name: str
    at_s: float
    written: int
    kept: Kept


@dataclass
class Resident:
    box: Emulator
    twin: Twin
    say: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    seen: list[View] = field(default_factory=list)
    """What was seen last: the next screen must be nearer to what is wanted than to that."""
    turns: list[float] = field(default_factory=list)
    """From each touch to the screen that was seen behind it, in seconds: how slow this machine is."""
    _touched_s: float | None = None

    def see(self, name: str, seconds_max: float = SEE_S_MAX) -> None:
        """Wait until the screen is what the twin would show. Raises EmulatorError with how far it is from that."""
        picture = f"{len(self.steps):02}-{name}"
        views = self.twin.views
        at_s, share = wait_for_view(self.box, views, picture, seconds_max, self.seen)
        if self._touched_s is not None:
            self.turns.append(at_s - self._touched_s)
            self._touched_s = None
        self.seen = views
        written = self.box.written() if self.box.machine.logged else 0
        self.steps.append(Step(picture, at_s, written, self.twin.kept))
        self.say(f"{picture}: {type(self.twin.view).__name__}, {share:.2%} of the squares differ")

    def touch(self, target: str, height: int | None = None) -> None:
        """A finger where the box's own drawing has this target."""
        found = self.twin.target(target, SIZE)
        x, y = found.rect.center
        if found.slope is not None and height is not None:
            x, y = _on(found.slope, height)
        time.sleep(SETTLED_S)
        self._touched_s = self.box.uptime_s()
        self.box.touch(x, y)
        self.twin.touch(target, height)

    @property
    def turn_s(self) -> float:
        """Of the turns so far the middle one: what the box does besides, now and then, makes some of them long."""
        return statistics.median(self.turns) if self.turns else 0.0

    def press(self) -> None:
        time.sleep(SETTLED_S)
        self.box.press()
        self.twin.press()


def wait_for_view(
    box: Emulator, views: Sequence[View], picture: str, seconds_max: float = SEE_S_MAX, before: Sequence[View] = ()
) -> tuple[float, float]:
    """Until the screen shows one of these views; its picture is kept. Return when it came, and how much of it differs.

    before: other views, which it must be farther from: one line of words is less than what two ways to set type differ.
    Raises EmulatorError; what is seen and what was wanted are kept as pictures then.
    """
    wanted = [eyes.drawn(view, frame, SIZE) for view in dict.fromkeys(views) for frame in FRAMES]
    others = [eyes.drawn(view, frame, SIZE) for view in dict.fromkeys(before) for frame in FRAMES]
    others = [one for one in others if one not in wanted]
    but = unjudged(views[0])
    found = 1.0

    def seen() -> bool:
        nonlocal found
        try:
            screen = eyes.read(box.look())
        except pygame.error:
            return False
        found = min(eyes.apart(screen, one, but) for one in wanted)
        return found <= eyes.SHARE_MAX and eyes.nearer(screen, wanted, others, but)

    try:
        at_s = box.until(seen, seconds_max, f"{picture}: the screen is not what it should be")
    except EmulatorError as error:
        _show_both(box, views[0], picture)
        raise EmulatorError(f"{error} ({found:.1%} of it differs): {picture}-*.png") from error
    box.screen(picture)
    return at_s, found


def _show_both(box: Emulator, view: View, picture: str) -> None:
    box.screen(f"{picture}-seen")
    for frame in FRAMES:
        name = f"{picture}-wanted-{'night' if frame.night else 'day'}.png"
        pygame.image.save(draw(view, SIZE, frame=frame), str(box.folder / name))


def unjudged(view: View) -> Rect | None:
    """What moves by itself while a care plays: the light, and the arc of time around it. Of staff's menu, what the box
    says of itself: the twin does not know how much room is left."""
    if isinstance(view, ServiceView):
        panel = panel_of(SIZE)
        top = panel.pick(34, 6) + panel.pick(70, 46)
        end = min(one.rect.y for one in laid_out(view, SIZE).targets)
        return Rect(0, top, SIZE[0], end - top)
    if not isinstance(view, PlayingView):
        return None
    panel = panel_of(SIZE)
    (x, y), reach = breath.centre(panel), breath.arc_radius_px(panel) + eyes.SQUARE_PX
    return Rect(x - reach, y - reach, 2 * reach, 2 * reach)


def _on(slope: ConeSlope, height: int) -> tuple[int, int]:
    edge_y = slope.middle_y(height)
    return slope.axis_x, round(edge_y + slope.curve * slope.half_px(edge_y))
