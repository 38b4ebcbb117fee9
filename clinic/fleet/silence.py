"""Three silences that must not be taken for one another (X4). Pure: what is known comes in, what it means goes out.

A box that cannot be reached says nothing of the person. A box that is there, and nothing answered though something was
asked, may say that the person needs somebody. A person who has declined has answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

RHYTHMS_MAX = 2
"""So many heartbeats may be missed: one lost message is no silence."""
LATE_MS = 2 * 60_000
"""And so long may one be on its way."""
GRACE_MS = 60 * 60_000
"""Nobody answers at once: what was asked is unanswered after so long."""

Kind = Literal["never-heard", "unreachable", "on-the-way", "no-answer", "declined", "answered", "nothing-asked"]


@dataclass(frozen=True)
class Contact:
    """How a box was heard, by the clinic's own clock.

    last_ms: when something that it has signed last arrived, None: never; gone_ms: when the broker said that its
    connection was lost, None: it did not; every_s: its own rhythm; pending: reports that it still keeps for us.
    """

    last_ms: int | None
    gone_ms: int | None = None
    every_s: int = 900
    pending: int = 0


@dataclass(frozen=True)
class Asked:
    """Something that was due, or begun. since_ms: from when; answered_ms: when its answer is known to have been given.

    declined: that answer is that the person does not want to.
    """

    what: str
    since_ms: int
    answered_ms: int | None = None
    declined: bool = False


@dataclass(frozen=True)
class Silence:
    """since_ms: since when it is so; what: what waits for an answer, or had it."""

    kind: Kind
    since_ms: int | None = None
    what: str = ""


def reachable(contact: Contact, now_ms: int) -> bool:
    """By the box's own rhythm, and by the broker's word that its connection is lost."""
    if contact.last_ms is None:
        return False
    if contact.gone_ms is not None and contact.gone_ms > contact.last_ms:
        return False
    return now_ms - contact.last_ms <= RHYTHMS_MAX * contact.every_s * 1000 + LATE_MS


def silence(contact: Contact, asked: Iterable[Asked], now_ms: int) -> Silence:
    """What the silence of a person at a box means, or their last answer."""
    if contact.last_ms is None:
        return Silence("never-heard")
    if not reachable(contact, now_ms):
        return Silence("unreachable", contact.last_ms)
    known = list(asked)
    waiting = [one for one in known if one.answered_ms is None and now_ms - one.since_ms >= GRACE_MS]
    answers = [one for one in known if one.answered_ms is not None]
    if waiting and contact.pending:
        return Silence("on-the-way", contact.last_ms)
    if waiting:
        oldest = min(waiting, key=lambda one: one.since_ms)
        return Silence("no-answer", oldest.since_ms, oldest.what)
    if answers:
        newest = max(answers, key=lambda one: one.answered_ms or 0)
        return Silence("declined" if newest.declined else "answered", newest.answered_ms, newest.what)
    return Silence("nothing-asked", contact.last_ms)
