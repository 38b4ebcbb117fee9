"""From edges to presses. Pure, on timestamps: a contact bounces, a hand trembles, a button can be held.

gpiozero's own bounce_time loses events (its issue 550) and when_held can repeat after a release (697).
"""

from dataclasses import dataclass, replace
from enum import Enum

from kiosk.button.port import Edge

BOUNCE_MS = 40
"""A contact that opens and closes again within this has not been let go."""
HELD_MS = 1_500
"""A long press: it asks to stop."""


class Push(Enum):
    PRESSED = "pressed"
    HELD = "held"


@dataclass(frozen=True)
class Contact:
    """What is known of the contact. `down_ms`: since when it is pressed, None when it is not."""

    down_ms: int | None = None
    opened_ms: int | None = None
    """An opening that may still be a bounce."""
    held: bool = False


def feel(contact: Contact, edge: Edge) -> tuple[Contact, tuple[Push, ...]]:
    """One edge, after the time that passed before it: a loop that was stalled must not forget a long press.

    A press counts at its first edge, so that the care starts under the finger.
    """
    contact, push = settle(contact, edge.at_ms)
    before = (push,) if push else ()
    if not edge.down:
        return (replace(contact, opened_ms=edge.at_ms) if contact.down_ms is not None else contact), before
    if contact.down_ms is None:
        return Contact(down_ms=edge.at_ms), (*before, Push.PRESSED)
    return replace(contact, opened_ms=None), before


def settle(contact: Contact, now_ms: int) -> tuple[Contact, Push | None]:
    """Time has passed: an opening that lasted is a release; a press that lasted is held, once."""
    if contact.opened_ms is not None and now_ms - contact.opened_ms >= BOUNCE_MS:
        return Contact(), None
    long = contact.down_ms is not None and now_ms - contact.down_ms >= HELD_MS
    if long and not contact.held and contact.opened_ms is None:
        return replace(contact, held=True), Push.HELD
    return contact, None


def due_ms(contact: Contact) -> int | None:
    """When `settle` has something to say."""
    if contact.opened_ms is not None:
        return contact.opened_ms + BOUNCE_MS
    if contact.down_ms is not None and not contact.held:
        return contact.down_ms + HELD_MS
    return None
