"""From fingers to touches, for hands that tremble. Pure: state and event in, state and touch out.

A touch counts on release inside the target where it began. Only the first finger counts until all are lifted.
A hand that is still there when the screen changes touches nothing; neither does its rebound.
"""

from dataclasses import dataclass, replace

from kiosk.screen.port import Pointer, PointerDown, PointerUp, Target

SETTLE_MS = 250
"""After a change of screen, a press is not yet about the new screen."""
BOUNCE_MS = 120
"""A second press on the same target so soon after the lift is the tremor of the first (4 to 6 Hz)."""
STALE_MS = 30_000
"""A hand of which nothing was heard for so long was lifted unseen, or rests: the next finger is a first one."""
KEY_TOLERANCE_PX = 30
"""A finger that misses every key by no more than this means the nearest one."""


@dataclass(frozen=True)
class Touch:
    """An accepted touch; `value` is the height on the cone."""

    name: str
    value: int | None = None


@dataclass(frozen=True)
class Hand:
    """Fingers on the glass; `pressed` is the target held by the first, drawn as pressed."""

    down: frozenset[int] = frozenset()
    first: int | None = None
    pressed: str | None = None
    changed_ms: int | None = None
    lifted: str | None = None
    lifted_ms: int = 0
    heard_ms: int = 0


def screen_changed(hand: Hand, monotonic_ms: int) -> Hand:
    """Another screen is shown (not: the same one with a new value)."""
    return replace(hand, pressed=None, lifted=None, changed_ms=monotonic_ms)


def feel(hand: Hand, pointer: Pointer, targets: tuple[Target, ...], monotonic_ms: int) -> tuple[Hand, Touch | None]:
    """What one event of one finger means with these targets on screen."""
    if isinstance(pointer, PointerDown):
        return _down(hand, pointer, targets, monotonic_ms), None
    if isinstance(pointer, PointerUp):
        return _up(hand, pointer, targets, monotonic_ms)
    return hand, None


def target_at(targets: tuple[Target, ...], x: int, y: int) -> Target | None:
    """The target under a point: the last drawn that holds it, else the nearest key within the tolerance."""
    for target in reversed(targets):
        if target.rect.holds(x, y):
            return target
    near = [(_distance_px(target, x, y), target.name, target) for target in targets if target.name.startswith("key:")]
    if not near:
        return None
    distance, _, nearest = min(near, key=lambda one: one[:2])
    return nearest if distance <= KEY_TOLERANCE_PX else None


def _distance_px(target: Target, x: int, y: int) -> float:
    rect = target.rect
    dx = max(rect.x - x, 0, x - rect.right + 1)
    dy = max(rect.y - y, 0, y - rect.bottom + 1)
    return float((dx * dx + dy * dy) ** 0.5)


def _down(hand: Hand, pointer: PointerDown, targets: tuple[Target, ...], monotonic_ms: int) -> Hand:
    others = hand.down - {pointer.finger} if monotonic_ms - hand.heard_ms < STALE_MS else frozenset()
    down = others | {pointer.finger}
    hand = replace(hand, heard_ms=monotonic_ms)
    if others and pointer.finger == hand.first:  # its lift was never seen: where it first went down means nothing now
        return replace(hand, down=down, first=None, pressed=None)
    if others:
        return replace(hand, down=down)
    target = target_at(targets, pointer.x, pointer.y)
    name = target.name if target and not _shaking(hand, target.name, monotonic_ms) else None
    return replace(hand, down=down, first=pointer.finger, pressed=name)


def _shaking(hand: Hand, name: str, monotonic_ms: int) -> bool:
    if hand.changed_ms is not None and monotonic_ms - hand.changed_ms < SETTLE_MS:
        return True
    return hand.lifted == name and monotonic_ms - hand.lifted_ms < BOUNCE_MS


def _up(hand: Hand, pointer: PointerUp, targets: tuple[Target, ...], monotonic_ms: int) -> tuple[Hand, Touch | None]:
    down = hand.down - {pointer.finger}
    if pointer.finger != hand.first:
        return replace(hand, down=down), None
    target = target_at(targets, pointer.x, pointer.y)
    after = replace(hand, down=down, first=None, pressed=None)
    if target is None or target.name != hand.pressed:
        return after, None
    after = replace(after, lifted=target.name, lifted_ms=monotonic_ms)
    return after, Touch(target.name, _height(target, pointer))


def _height(target: Target, pointer: PointerUp) -> int | None:
    return target.slope.height_at(pointer.x, pointer.y) if target.slope else None
