"""Staff at a box: what it knows of itself, their PIN, their menu."""

from kiosk.journey.chapters.service import STAFF
from kiosk.journey.events import Box, BoxTold, CodeChecked
from tests.support.journey import Walker


def at_a_box(**facts: object) -> Walker:
    walker = Walker()
    tell(walker, **facts)
    return walker


def tell(walker: Walker, **facts: object) -> None:
    told = {"name": "box-7", "service": "a digest", "answered_ms": walker.clock.monotonic_ms, **facts}
    walker.feel(BoxTold(walker.clock(), Box(**told)))  # type: ignore[arg-type]


def enter_pin(walker: Walker, *, fits: bool = True) -> None:
    for digit in "123456":
        walker.touch(f"key:{digit}")
    walker.feel(CodeChecked(walker.clock(), STAFF, fits))


def in_the_menu(**facts: object) -> Walker:
    walker = at_a_box(**facts)
    walker.touch("service")
    enter_pin(walker)
    return walker
