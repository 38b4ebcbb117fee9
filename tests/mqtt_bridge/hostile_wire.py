"""What hostile bytes of the wire are thrown at, and what must hold whatever they are; hypothesis and atheris use it.

The clinic: never an exception; every letter is in its table or in its quarantine. The box: never an exception, never
an order that the clinic did not sign. What is thrown under a good signature is what a broken or stolen box says, and
what a later version of the clinic may say.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract import compact, wire
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.fhir_form import read_form
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.contract.packing import pack
from mqtt_bridge.link.end import Publish
from mqtt_bridge.link.reading import LinkReader
from tests.support.clinic_store import MemoryStore
from tests.support.wire import BOX, CLINIC, Wire
from tests.support.words_of_care import DAY_MS, NOW_MS, form, plan

TARGETS = (
    "letter", "signed-letter", "report", "hello", "state", "to-the-box", "order", "ack", "form",
    "letter-2", "signed-letter-2", "packed-report", "packed-hello", "acks", "packed-acks", "to-the-box-2",
)  # fmt: skip
"""letter, to-the-box: the bytes of a message; signed-letter: what is inside a good signature; packed-...: a body as it
is before unpacking; the others: a body. With 2: of form 2."""

EPOCH = "0123456789abcdef"
MESSAGES = Path(__file__).parent / "messages"
OUTBOX_MAX = 2000
"""A box's database is begun anew beyond it, so that a campaign of millions stays quick."""


class Grounds:
    """A clinic and a box to throw things at, and one whole example of each thing."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self._begin()
        self.examples = self._make_examples()
        self._throw: dict[str, Callable[[bytes], None]] = {
            "letter": self._letter,
            "signed-letter": lambda raw: self._letter(self._signed(raw, self.wire.enrolment.keys)),
            "report": lambda raw: self._letter(self._report(raw)),
            "hello": lambda raw: self._letter(self.wire.end.sign("hello", raw)),
            "state": lambda raw: self._letter(self.wire.end.sign("state", raw), "state"),
            "to-the-box": self._to_the_box,
            "order": self._order,
            "ack": lambda raw: self._deliver("ack", self.wire.clinic_end._sign(BOX, "ack", raw)),
            "form": self._form,
            "letter-2": self._letter,
            "signed-letter-2": lambda raw: self._letter(seal.sign_bytes(raw, self.wire.enrolment.keys, 2)),
            "packed-report": lambda raw: self._letter(self._packed_report(raw)),
            "packed-hello": lambda raw: self._letter(self._packed("hello", raw, self.wire.enrolment.keys)),
            "acks": lambda raw: self._deliver("ack", self.wire.clinic_end._sign(BOX, "acks", raw, 2)),
            "packed-acks": lambda raw: self._deliver("ack", self._packed("acks", raw, self.wire.clinic_keys)),
            "to-the-box-2": self._to_the_box,
        }

    def close(self) -> None:
        self.wire.close()

    def throw(self, target: str, raw: bytes) -> None:
        """Anything but a reading or a refusal raises."""
        self._throw[target](raw)

    def _begin(self) -> None:
        self._number += 1
        place = self._folder / f"{self._number}"
        place.mkdir()
        self.wire = Wire(place)
        self.wire.settle_down()
        self.reader = LinkReader(place / "link.db")

    def _make_examples(self) -> dict[str, bytes]:
        """Messages that once were sent, whole."""
        old = {path.stem: json.loads(path.read_text()) for path in sorted(MESSAGES.glob("*/*.json"))}
        order = Order(
            id="o-1", box=BOX, serial=7, issued_ms=NOW_MS, expires_ms=NOW_MS + DAY_MS, content=PlanOrder(plan=plan())
        )
        report = old["report-evaluation"] | {"identity": {"box": BOX, "stream": "kiosk", "epoch": EPOCH, "seq": 1}}
        plain = json.dumps(report).encode()
        letter = self._report(plain)
        return {
            "letter": letter,
            "signed-letter": decode(letter, wire.Signed).letter,
            "report": plain,
            "hello": json.dumps(old["hello"]).encode(),
            "state": json.dumps(old["state"]).encode(),
            "to-the-box": write_order(
                CLINIC, encode(order), BOX, self.wire.enrolment.keys.public, self.wire.clinic_keys
            ),
            "order": encode(order),
            "ack": json.dumps(old["ack"]).encode(),
            "form": encode(form()),
            **self._of_form_2(plain, old),
        }

    def _of_form_2(self, report: bytes, old: dict[str, Any]) -> dict[str, bytes]:
        hello, acks = json.dumps(old["hello"]).encode(), json.dumps(old["acks"]).encode()
        letter = self._packed_report(pack(report, padded=True))
        return {
            "letter-2": letter,
            "signed-letter-2": compact.unframe(letter)[0],
            "packed-report": pack(report, padded=True),
            "packed-hello": pack(hello, padded=False),
            "acks": acks,
            "packed-acks": pack(acks, padded=False),
            "to-the-box-2": self.wire.clinic_end._sign(BOX, "acks", acks, 2),
        }

    # At the clinic

    def throw_at(self, make: type[ClinicEnd], raw: bytes) -> None:
        """A letter to another end than ours."""
        self._letter(raw, make=make)

    def _letter(self, raw: bytes, channel: wire.Channel = "up", make: type[ClinicEnd] = ClinicEnd) -> None:
        """In the table, in quarantine, or a hello or state that was heard. A store of its own: it is quick."""
        store = MemoryStore()
        store.keys[BOX] = self.wire.enrolment.keys.public
        end = make(CLINIC, self.wire.clinic_keys, store)
        answers = end.receive(wire.topic(CLINIC, BOX, channel), raw, NOW_MS)
        kept = len(store.contents.reports) + len(store.quarantined) + len(store.hellos) + len(store.states)
        assert kept == 1, "every message is kept exactly once"
        if store.quarantined:
            assert not answers, "what is not understood is not answered"
            assert store.quarantined[0][1] == raw, "it is kept as it came"
            assert store.quarantined[0][2], "and why is told"
        assert len(answers) <= wire.KEEPS_MAX, "one message does not demand thousands of signatures"

    def _report(self, plain: bytes, form: wire.Form = 1) -> bytes:
        """Sealed as it is."""
        keys, clinic = self.wire.enrolment.keys, self.wire.clinic_keys.public
        letter = wire.Letter(
            kind="report", clinic=CLINIC, box=BOX, signer=keys.public.verify_id, recipient=clinic.seal_id,
            stream="kiosk", epoch=EPOCH, seq=1, body=seal.seal(plain, clinic), v=form,
        )  # fmt: skip
        return seal.sign(letter, keys)

    def _packed_report(self, packed: bytes) -> bytes:
        return self._report(packed, 2)

    def _packed(self, kind: wire.LetterKind, packed: bytes, keys: seal.SecretKeys) -> bytes:
        """A clear letter of form 2 whose packed body is this."""
        signer = keys.public.verify_id
        letter = wire.Letter(kind=kind, clinic=CLINIC, box=BOX, signer=signer, body=packed, v=2)
        return seal.sign_bytes(compact.write(letter), keys, 2)

    def _signed(self, letter: bytes, keys: seal.SecretKeys) -> bytes:
        """Whatever a broken box would sign."""
        return seal.sign_bytes(letter, keys, 1)

    # At the box

    def _to_the_box(self, raw: bytes) -> None:
        for channel in ("down", "ack"):
            self._deliver(channel, raw)

    def _order(self, plain: bytes) -> None:
        keys = self.wire.enrolment.keys.public
        self._deliver("down", write_order(CLINIC, plain, BOX, keys, self.wire.clinic_keys))

    def _deliver(self, channel: wire.Channel, raw: bytes) -> None:
        """Taken or left; settled; what is kept is the clinic's own; no storm of answers."""
        held = self.wire
        effects = held.end.delivered(wire.topic(CLINIC, BOX, channel), raw, 1, held.clock())
        assert sum(isinstance(effect, Publish) for effect in effects) <= OUTBOX_MAX
        for kept in self.reader.orders():
            assert seal.verify(kept.letter, held.clinic_keys.public).kind == "order"
        if len(held.link_store.waiting(OUTBOX_MAX, frozenset())) >= OUTBOX_MAX // 10:
            held.close()
            self._begin()

    def _form(self, raw: bytes) -> None:
        """A questionnaire from elsewhere, as a clinic takes it in."""
        with contextlib.suppress(ContractError):
            read_form(raw)


@contextlib.contextmanager
def grounds() -> Iterator[Grounds]:
    with folder_in_memory() as folder:
        ground = Grounds(folder)
        yield ground
        ground.close()


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Where there is such a place: a campaign writes many times."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="chevet-fuzz-", dir=shm if shm.is_dir() else None) as folder:
        yield Path(folder)
