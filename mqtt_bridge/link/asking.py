"""The questions of a box that may still be answered: its last hellos, each with what had been sent before it.

An answer may take longer than it is waited for: behind a queue, or over a network whose round trips are minutes. So the
answer to an earlier hello counts too, for what was sent before that one; but none counts after a later one's.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.store import Key

ASKED_MAX = 32
"""At one hello in two minutes, round trips of an hour. The oldest is forgotten first."""


@dataclass
class Asked:
    """A hello.

    before: the rows that the broker had been given when it was made and not since, confirmed or not: one that is never
    confirmed must not wait for ever.
    """

    nonce: str
    sent: Stamp
    before: set[Key]
    known_serial: int
    """The highest serial of an acknowledgement when it was made: its answer's is higher, unless the clinic's database
    was put back. Other words may overtake the answer."""
    answered: set[str] = field(default_factory=set)
    """The epochs that the answers have told of."""

    def went_back(self, ack: wire.Ack) -> bool:
        """An answer is made after its question: a lower serial than one known before means a database put back."""
        return not self.answered and ack.serial <= self.known_serial

    def lost(self, ack: wire.Ack) -> set[Key]:
        """What was sent before it, and the answer does not name."""
        return {key for key in self.before if key[0] == ack.epoch and not ack.has(key[1])}


class Asking:
    """The last hellos, the oldest first."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    @property
    def waits(self) -> bool:
        """Whether the last hello has no answer yet."""
        return bool(self._asked) and not self._asked[-1].answered

    def ask(self, nonce: str, sent: Stamp, before: Collection[Key], known_serial: int) -> None:
        self._asked = [*self._asked, Asked(nonce, sent, set(before), known_serial)][-ASKED_MAX:]

    def answered_by(self, ack: wire.Ack) -> Asked | None:
        """The hello of which this is the first answer about its epoch; a repetition says nothing new."""
        found = (one for one in self._asked if one.nonce == ack.nonce and ack.epoch not in one.answered)
        return next(found, None)

    def heard(self, asked: Asked, epoch: str) -> None:
        """It was answered about an epoch: from now on no earlier one counts."""
        asked.answered.add(epoch)
        self._asked = self._asked[self._asked.index(asked) :]

    def only(self, asked: Asked) -> None:
        """The clinic's database was put back: whether the answers to the others are of before, nobody can tell."""
        self._asked = [asked]

    def sent_anew(self, rows: Collection[Key]) -> None:
        """These will be given to the broker again: after every hello so far."""
        for asked in self._asked:
            asked.before.difference_update(rows)

    def forget(self) -> None:
        self._asked.clear()
