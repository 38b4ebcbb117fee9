"""What a box says to be in the record: true when it is said, and not unsaid without a reason."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.link.store import Key
from mqtt_bridge.outbox import Told
from tests.simulation.box import Box, Link, acks_in
from tests.simulation.must import must
from tests.simulation.times import BoxTimes

if TYPE_CHECKING:
    from tests.simulation.truths import Truths


@dataclass(frozen=True)
class Question:
    """A hello: when it was asked, and the highest serial of an acknowledgement that was known then."""

    at_ms: int
    known_serial: int


@dataclass
class Claims:
    """Of one box, from the questions that it asked and the answers that it heard."""

    box: Box
    clinic: "Truths"
    times: BoxTimes
    attempts: dict[str, Key]
    answered: set[str] = field(default_factory=set)
    """Epochs about which a question asked after the last restoration was answered."""
    stale: bool = False
    """The box itself was put back from a copy: what it says is old until its next question is answered."""
    untold: bool = False
    """The last answer did not say what is settled: the clinic was of before."""
    told: set[Key] = field(default_factory=set)
    """What the box has said to be in the record, since its link began and no backup was put back."""
    _asked: dict[str, Question] = field(default_factory=dict)
    """The hellos of this connection, by their nonces; none of before one that was answered since."""
    _known: wire.Ack | None = None
    """The last acknowledgement that was taken: of which ledger, and with which serial."""

    def link_started(self) -> None:
        self._asked.clear()
        self.told.clear()

    def link_lost(self) -> None:
        self._known = None

    def link_connected(self) -> None:
        self._asked.clear()

    def medium_lost(self) -> None:
        self.stale, self._known = True, None
        self.restored()

    def restored(self) -> None:
        """The clinic's database was put back: what was said before may be old news."""
        self.answered.clear()
        self.told.clear()

    def asked(self, nonce: str) -> None:
        known_serial = self._known.serial if self._known else 0
        self._asked[nonce] = Question(self.clinic.world.now_ms, known_serial)

    def heard(self, payload: bytes) -> None:
        """An answer counts unless one to a later question was heard before it.

        Nor does any answer to another question, once one has shown that the database was put back: what was asked of
        which nobody can tell (seed 9100026).
        """
        for ack in acks_in(payload, self.box):
            question = self._asked.get(ack.nonce or "")
            if question is None:
                if self._known and self._known.ledger == ack.ledger and _follows(ack, self._known):
                    self._known = ack
                continue
            if self._known is None or self._known.ledger != ack.ledger or ack.serial <= question.known_serial:
                self._asked = {ack.nonce or "": question}
            self._known = ack
            self.times.notes(ack.nonce or "")
            self.untold = ack.settled is None
            self._asked = {nonce: one for nonce, one in self._asked.items() if one.at_ms >= question.at_ms}
            if question.at_ms > self.clinic.restored_ms:
                self._was_answered(ack.epoch)

    def _was_answered(self, epoch: str) -> None:
        self.answered.add(epoch)
        if not self.stale:  # a card put back from a copy repeats older words
            self.clinic.has_told(self.box.name, epoch)

    def check(self, link: Link) -> None:
        """« Dans votre dossier » is shown by these words alone."""
        told: set[Key] = set()
        for (raw,) in link.store._database.execute("SELECT ack FROM acknowledged").fetchall():
            ack = decode(raw, Told)
            keys = {key for key in self.attempts.values() if key[0] == ack.epoch and ack.has(key[1])}
            if not self._may_be_old(ack.epoch):
                told |= keys
                for key in keys:
                    self._is_true(key, ack)
        unsaid = sorted(self.told - told)
        must(not unsaid, f"the box said that {unsaid} is in the record, and unsays it without a reason")
        self.told = told

    def _is_true(self, key: Key, ack: wire.Ack) -> None:
        row = self.clinic.table.get(self.box.truths.identity(key))
        must(row is not None, f"the box says that {key} is in the record, and it is not")
        readable = row is not None and not row.held
        must(readable or ack.holds(key[1]), f"the box says that {key} is readable, and it is held")

    def _may_be_old(self, epoch: str) -> bool:
        return (self.clinic.restored_ms >= 0 or self.stale) and epoch not in self.answered


def _follows(ack: wire.Ack, known: wire.Ack) -> bool:
    """A database that was put back under the same ledger counts again: a higher serial of an earlier time is older."""
    return ack.serial > known.serial and ack.server_ms >= known.server_ms
