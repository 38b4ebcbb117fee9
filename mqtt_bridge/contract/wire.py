"""The letters that travel, and the topics they travel on.

`chevet/v1/<clinic>/<box>/{up,urgent,down,ack,state}`: a box may use its own five only.
A letter is signed over its exact bytes, so nothing has to be encoded twice in the same way to be verified. It travels
in one of two forms: 1 is JSON (`Signed`), 2 is bytes (`compact`); both are read for ever.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Count, Ordinal, Word
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.report import Epoch, Stream
from mqtt_bridge.contract.stamp import Stamp

ROOT = "chevet/v1"
INGEST = "ingest"
"""The common name of ingest's certificate; no box has it."""

KEEPS_MAX = 256
"""A hello asks about no more epochs than this: each is answered by a signed letter."""

KEPT_MS = 30 * 24 * 3600 * 1000
"""So long a row stays on its box although the clinic has it: a backup no older than that is filled again."""

DRIFT_PPM = 100
"""How much a box's oscillator may be off; Raspberry Pi's is specified within 50 ppm."""

Channel = Literal["up", "urgent", "down", "ack", "state"]
"""`urgent`: what is of priority 0 or less; its own queue at the broker, which ingest reads before `up`."""
LetterKind = Literal["report", "order", "hello", "ack", "acks", "state"]
Form = Literal[1, 2]
READS_FORM_2 = "2."
"""A nonce that begins so says that the box reads form 2. Every clinic takes any nonce and gives it back; only one that
knows form 2 looks at it, and answers in form 2: by that the box learns that it may write it."""
TAKES_SETTLED = f"{READS_FORM_2}s"
"""A nonce that begins so says, too, that the box takes `Ack.settled`, which one of before refuses as unknown. The rest
of a nonce is hexadecimal, so that none of before begins so."""
TAKES_URGENT = f"{TAKES_SETTLED}u"
"""A nonce that begins so says, too, that the box takes `Ack.urgent`."""
ACKS_MAX = 64
"""In one letter."""
KeyId = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]


class Letter(Word, frozen=True):
    """What is signed: version, kind, clinic, box, key ids, identity, and the body.

    The body of a report or an order is sealed to `recipient`; that of a hello, an ack or a state holds no health
    data and is clear, with no recipient. Identity is clear, so that what cannot be opened can still be held.
    v: the form in which it travels; JSON says 1 or nothing.
    """

    kind: LetterKind
    clinic: Identifier
    box: Identifier
    signer: KeyId
    body: bytes
    recipient: KeyId | None = None
    stream: Stream | None = None
    epoch: Epoch | None = None
    seq: Ordinal | None = None
    v: Form = 1


class Signed(Word, frozen=True):
    """A letter's bytes and the Ed25519 signature over them."""

    letter: bytes
    signature: bytes


class Range(Word, frozen=True):
    """Sequence numbers from `first` to `last`, both included."""

    first: Ordinal
    last: Ordinal


class Held(Word, frozen=True):
    """One stream and epoch that the box still keeps rows of, up to `last`."""

    stream: Stream
    epoch: Epoch
    last: Count


class Exchange(Word, frozen=True):
    """The former hello and its answer: by it the clinic corrects the box's clock, within half the round trip."""

    boot: str
    sent_monotonic_ms: int
    received_monotonic_ms: int
    server_ms: int

    @property
    def round_trip_ms(self) -> int:
        return self.received_monotonic_ms - self.sent_monotonic_ms

    @property
    def middle_ms(self) -> int:
        """When, by the box's monotonic clock, the clinic is taken to have answered (Cristian's method)."""
        return (self.sent_monotonic_ms + self.received_monotonic_ms) // 2

    def at_ms(self, monotonic_ms: int) -> int:
        """The clinic's time at an instant of the same boot."""
        return self.server_ms + monotonic_ms - self.middle_ms

    def error_ms(self, monotonic_ms: int) -> int:
        """How far that may be wrong: half the round trip, and the drift of the box's oscillator since."""
        return -(-self.round_trip_ms // 2) + abs(monotonic_ms - self.middle_ms) * DRIFT_PPM // 1_000_000


class Hello(Word, frozen=True):
    """The box asks where the clinic stands. The answer carries the nonce."""

    nonce: str
    sent: Stamp
    keeps: Annotated[tuple[Held, ...], Meta(max_length=KEEPS_MAX)]
    orders_through: Count = 0
    """Highest serial of an order in the link's database."""
    plan_serial: Count = 0
    """Of the plan in force there, or of its end. 0: none, or a box that does not tell; then it is sent."""
    former: Exchange | None = None


class Ack(Word, frozen=True):
    """What the clinic's database holds of one stream and epoch: cumulative and idempotent.

    ledger: id of the clinic's ledger, new when a backup is restored; serial: grows with each answer of a ledger;
    through: every seq from 1 to it is in the database; ranges: those beyond; held: those kept raw, not yet readable.
    nonce: that of the hello this answers, None when told unasked after a commit.
    settled: what this very database has of the numbers up to it, it has had for thirty days, by the times in its own
    rows. Told in answers alone, to a box that takes it; an answer without it is of a clinic that does not tell it.
    urgent: the clinic reads the channel `urgent`, and its broker lets boxes write it. Told as `settled` is; it holds
    until the next answer.
    """

    ledger: str
    serial: Count
    stream: Stream
    epoch: Epoch
    through: Count
    server_ms: Count
    ranges: tuple[Range, ...] = ()
    held: tuple[Range, ...] = ()
    nonce: str | None = None
    settled: Count | None = None
    urgent: bool = False

    def has(self, seq: int) -> bool:
        """Whether the clinic's database has `seq`, readable or held."""
        return seq <= self.through or any(r.first <= seq <= r.last for r in self.ranges)

    def covers(self, other: "Ack") -> bool:
        """Whether everything that `other` has, this one has too."""
        spans = (Range(first=1, last=other.through), *other.ranges) if other.through else other.ranges
        mine = (Range(first=1, last=self.through), *self.ranges)
        return all(any(m.first <= s.first and s.last <= m.last for m in mine) for s in spans)

    def lets_go(self, seq: int) -> bool:
        """Whether nothing that it says keeps `seq` on the box: one of a clinic that does not tell keeps none."""
        return self.settled is None or seq <= self.settled

    def holds(self, seq: int) -> bool:
        """Whether `seq` is kept raw, not yet readable."""
        return any(r.first <= seq <= r.last for r in self.held)


class Acks(Word, frozen=True):
    """Several of one box, in the order in which they were made: form 2 sends them together, under one signature."""

    acks: Annotated[tuple[Ack, ...], Meta(min_length=1, max_length=ACKS_MAX)]


class Tested(Word, frozen=True):
    """The last self-test at the bedside: the checks that were fine and those that were not, by name."""

    made: Stamp
    fine: Annotated[tuple[Identifier, ...], Meta(max_length=30)] = ()
    failed: Annotated[tuple[Identifier, ...], Meta(max_length=30)] = ()


class Equipment(Word, frozen=True):
    """How the box itself is (B7): nothing of the person.

    at: when it was said; every_s: the next one comes within so many seconds, or the box is out of reach; pending:
    reports that the clinic's database has not; machine_off_ms: the machine's clock less the clinic's time;
    certificate_ms: until when the box may come in. None: the box cannot tell.
    """

    at: Stamp
    every_s: Annotated[int, Meta(ge=1, le=86_400)]
    pending: Count = 0
    system: Annotated[str, Meta(max_length=100)] = ""
    free_mb: Count | None = None
    temperature_c: Annotated[float, Meta(ge=-100, le=200)] | None = None
    kiosk: bool | None = None
    player: bool | None = None
    tested: Tested | None = None
    machine_off_ms: int | None = None
    certificate_ms: Count | None = None


class BoxState(Word, frozen=True):
    """Birth, heartbeat and last will: retained, no health data. A will says nothing of the equipment."""

    alive: bool
    boot: str
    version: str
    equipment: Equipment | None = None


def probe_topic(clinic: str, client_id: str) -> str:
    """Where an ingest process tells itself that the broker's rights are of this age: no box's, and read by it alone."""
    return f"{ROOT}/{clinic}/{INGEST}/urgent/{client_id}"


def topic(clinic: str, box: str, channel: Channel) -> str:
    return f"{ROOT}/{clinic}/{box}/{channel}"


def parse_topic(name: str) -> tuple[str, str, str]:
    """(clinic, box, channel) of a topic. Raises ContractError."""
    parts = name.split("/")
    if len(parts) != 5 or "/".join(parts[:2]) != ROOT or parts[4] not in get_args(Channel):
        raise ContractError(f"topic {name!r}: expected {ROOT}/<clinic>/<box>/up, urgent, down, ack or state")
    return parts[2], parts[3], parts[4]
