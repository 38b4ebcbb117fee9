"""The order to leave, cut off between any two lines of the code that carries it out, as kill -9 does it."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mqtt_bridge import departure, enrolment, seal, wiping
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.order import Order, OrderContent, PlanOrder, ReturnOrder, RevokedOrder, WipeOrder
from mqtt_bridge.contract.report import BoxWiped, Report
from mqtt_bridge.contract.wire import Ack, topic
from mqtt_bridge.database import only_writer, open_writer
from mqtt_bridge.departure import Departure
from mqtt_bridge.link import leaving
from mqtt_bridge.link.leaving import Leaver, carry_out, is_proved, resumed, write_proof
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.outbox import Outbox
from tests.support.clinic_store import MemoryStore
from tests.support.wire import BOX, CLINIC, enrolled, listening
from tests.support.words_of_care import DAY_MS, ManualClock

KILLED = 137
STRIDE = 7
"""Every seventh line is a place to be killed at, begun elsewhere in each round: all of them would take a minute."""
FILES = tuple(str(Path(module.__file__)) for module in (departure, wiping, leaving) if module.__file__)


class Never:
    """Nobody tells the link to stop; where it would wait for ever, this is the end of the test's patience."""

    def wait(self, _seconds: float) -> bool:
        return True


class Box:
    """A box with a report under way, an order to leave, and a clinic that keeps what reaches it in one file."""

    def __init__(self, folder: Path, content: OrderContent) -> None:
        self.folder, self.data, self.clock = folder, folder / "data", ManualClock()
        self.data.mkdir()
        self.clinic_keys = seal.make_keys()
        self.enrolled = enrolled(folder / "enrolment", self.clinic_keys)
        self.secret = self.enrolled.keys.unseal
        bedside = open_writer(self.data / "bedside.db")
        with bedside.atomic():
            Outbox(bedside, "kiosk", self.enrolled).add(listening("s1", self.clock()), self.clock())
        bedside.close()
        (self.data / "spool").mkdir()
        (self.data / "spool" / "abc.part").write_bytes(b"sound")
        self.order(content)

    def order(self, content: OrderContent, keys: seal.SecretKeys | None = None, serial: int = 7) -> None:
        """It is in link.db, as the link keeps an order that came."""
        now_ms = self.clock().wall_ms
        order = Order(id=f"order-{serial}", box=BOX, serial=serial, issued_ms=now_ms, expires_ms=now_ms + DAY_MS,
                      content=content)  # fmt: skip
        letter = write_order(CLINIC, encode(order), BOX, self.enrolled.keys.public, keys or self.clinic_keys)
        store = self.store()
        assert store.keep_order(order, letter, self.clock())
        store.close()

    def store(self) -> LinkStore:
        return LinkStore(self.data / "link.db", self.data / "bedside.db", enrolment.load(self.folder / "enrolment"))

    def serve(self) -> bool:
        """One look of the link in service: whether it ends."""
        store = self.store()
        try:
            return Leaver(self.data, self.folder / "bell", self.enrolled, store).is_over(self.clock())
        finally:
            store.close()

    def run(self) -> None:
        """What a link does from its start on, until it has nothing more to do."""
        found = resumed(self.data, self.folder / "enrolment")
        if (found is None or found.phase == "draining") and not self.serve():
            return
        carry_out(self.data, self.folder / "enrolment", self.folder / "bell", Never(), self.prove)

    def prove(self, found: Departure) -> bool:
        """The proof reaches the clinic, which keeps it and answers; both ends are the real ones."""
        store = self.store()
        write_proof(store, found, self.clock)
        for row in store.waiting(10, frozenset()):
            with (self.folder / "clinic").open("ab") as clinic:
                clinic.write(row.letter + b"\n")
            store.remember(self._answer(row.letter), anyway=True)
        proved = is_proved(store)
        store.close()
        return proved

    def _answer(self, letter: bytes) -> Ack:
        memory = MemoryStore()
        memory.keys[BOX] = self.enrolled.keys.public
        end = ClinicEnd(CLINIC, self.clinic_keys, memory)
        [answer] = end.receive(topic(CLINIC, BOX, "up"), letter, self.clock().wall_ms)
        return decode(seal.verify(answer.payload, self.clinic_keys.public).body, Ack)

    def proofs(self) -> set[tuple[str, int]]:
        """The identities of the proofs that the clinic has."""
        return {(one.identity.epoch, one.identity.seq) for one in self._reports()}

    def last_words(self) -> list[BoxWiped]:
        return [one.content for one in self._reports() if isinstance(one.content, BoxWiped)]

    def _reports(self) -> list[Report]:
        file = self.folder / "clinic"
        reports = [self._opened(line) for line in file.read_bytes().splitlines()] if file.exists() else []
        assert all(isinstance(one.content, BoxWiped) for one in reports)
        return reports

    def _opened(self, letter: bytes) -> Report:
        read = seal.verify(letter, self.enrolled.keys.public)
        return decode(seal.open_body(read, self.clinic_keys), Report)

    def left(self) -> set[str]:
        return {
            path.name for path in self.folder.rglob("*") if path.is_file() and path.suffix not in (".lock", ".fresh")
        }


def killed_at(line: int, act: Callable[[], None]) -> bool:
    """Do it in a process of its own that ends at this line of ours, unprepared; whether it came so far."""
    child = os.fork()
    if child == 0:
        _die_at(line)
        try:
            act()
        except BaseException:  # noqa: BLE001  # a child must never come back into the test
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED), "it broke instead of being killed"
    return code == KILLED


def _die_at(line: int) -> None:
    left = line

    def trace(frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            left -= 1
            if left <= 0:
                os._exit(KILLED)
        return trace

    sys.settrace(trace)


def check(box: Box) -> None:
    """At every instant: no key goes before the clinic has the proof, no proof before the records are gone."""
    left = box.left()
    if box.proofs():
        assert "bedside.db" not in left
    if "box.secret" not in left:
        assert len(box.proofs()) == 1
    assert "box.secret" in left or "link.db" not in left


@pytest.mark.parametrize("start", range(1, STRIDE + 1, 3))
def test_a_wipe_survives_being_killed_anywhere(tmp_path: Path, start: int) -> None:
    box = Box(tmp_path, WipeOrder())
    line, kills = start, 0
    while killed_at(line, box.run):
        check(box)
        kills += 1
        line += STRIDE if kills % 2 else 0  # the same place twice: a second start is cut off there, too
        assert kills < 500
    box.run()
    assert kills > 10
    assert len(box.proofs()) == 1
    found = departure.read(box.data)
    assert found is not None
    assert (found.kind, found.phase, found.letter, found.lost) == ("wipe", "gone", b"", 2)
    assert box.left() == {"clinic", "departure.json"}


def test_what_was_there_is_written_over(tmp_path: Path) -> None:
    """The bytes of the keys are nowhere in what the files were."""
    box = Box(tmp_path, WipeOrder())
    secret = box.folder / "enrolment" / "box.secret"
    another_name = tmp_path / "same-file"
    os.link(secret, another_name)
    before = another_name.read_bytes()
    box.run()
    assert not secret.exists()
    after = another_name.read_bytes()
    assert len(after) == len(before)
    assert after != before
    with pytest.raises(ContractError):
        seal.load_secret(another_name)


def test_a_return_waits_until_everything_is_in_the_record(tmp_path: Path) -> None:
    box = Box(tmp_path, ReturnOrder())
    assert not box.serve()
    found = departure.read(box.data)
    assert found is not None
    assert found.phase == "draining"
    store = box.store()
    for row in store.waiting(10, frozenset()):
        store.remember(box._answer(row.letter), anyway=True)
    store.close()
    assert box.serve()
    found = departure.read(box.data)
    assert found is not None
    assert (found.phase, found.lost) == ("wiping", 0)


def test_a_return_waits_for_a_kiosk_and_for_what_was_begun(tmp_path: Path) -> None:
    box = Box(tmp_path, ReturnOrder())
    store = box.store()
    for row in store.waiting(10, frozenset()):
        store.remember(box._answer(row.letter), anyway=True)
    store.close()
    with only_writer(box.data / "bedside.db"):
        assert not box.serve(), "a kiosk may still write"
    bedside = open_writer(box.data / "bedside.db")
    bedside.execute("CREATE TABLE draft (one INTEGER PRIMARY KEY, draft BLOB)")
    bedside.execute("INSERT INTO draft VALUES (1, '{}')")
    bedside.close()
    assert not box.serve(), "an answer that was begun is a report first"
    bedside = open_writer(box.data / "bedside.db")
    bedside.execute("DELETE FROM draft")
    bedside.close()
    assert box.serve()


@pytest.mark.parametrize("damage", [lambda raw: b"x" * len(raw), lambda raw: raw[:4096] + b"x" * (len(raw) - 4096)])
def test_a_return_takes_no_unreadable_file_for_an_empty_one(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A card's bad blocks: the reports in it are nowhere else. The clinic may still order the wipe."""
    box = Box(tmp_path, ReturnOrder())
    bedside = box.data / "bedside.db"
    bedside.write_bytes(damage(bedside.read_bytes()))
    store = box.store()
    for row in store.waiting(10, frozenset()):  # the link's own
        store.remember(box._answer(row.letter), anyway=True)
    store.close()
    assert not box.serve()
    found = departure.read(box.data)
    assert found is not None
    assert found.phase == "draining"
    assert bedside.exists()
    box.order(WipeOrder(), serial=8)
    assert box.serve()
    box.run()
    assert [told.uncounted for told in box.last_words()] == [True], "it says that it does not know"


def test_a_stolen_box_that_was_asked_back_waits_no_more(tmp_path: Path) -> None:
    box = Box(tmp_path, ReturnOrder())
    assert not box.serve()
    box.order(WipeOrder(), serial=8)
    assert box.serve()
    found = departure.read(box.data)
    assert found is not None
    assert (found.kind, found.phase) == ("wipe", "wiping")


def test_an_order_of_another_clinic_or_another_kind_wipes_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path, PlanOrder(plan=None))
    box.order(WipeOrder(), seal.make_keys(), serial=9)
    assert not box.serve()
    assert departure.read(box.data) is None
    forged = Departure("wipe", "wiping", "order-9", box.clock(), b"{}")
    assert not departure.is_ordered(forged, box.enrolled)
    with pytest.raises(ContractError):
        departure.read_order(b"\xff", box.enrolled)


def test_an_order_for_another_box_wipes_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path, PlanOrder(plan=None))
    now_ms = box.clock().wall_ms
    order = Order(id="x", box="box-2", serial=1, issued_ms=now_ms, expires_ms=now_ms + DAY_MS, content=WipeOrder())
    letter = write_order(CLINIC, encode(order), "box-2", box.enrolled.keys.public, box.clinic_keys)
    with pytest.raises(ContractError, match="for the box box-2"):
        departure.read_order(letter, box.enrolled)


def test_a_wiped_box_that_is_enrolled_anew_is_in_service(tmp_path: Path) -> None:
    box = Box(tmp_path, WipeOrder())
    box.run()
    enrolled(box.folder / "enrolment", box.clinic_keys)
    box.run()
    assert departure.read(box.data) is None


# Revoked and not wiped: nothing more is begun, what is here stays


def what_it_holds(box: Box) -> set[str]:
    """The names of what is on it; its keys and its reports are read, or this fails."""
    assert enrolment.load(box.folder / "enrolment").keys.unseal == box.secret
    store = box.store()
    assert len(store.waiting(10, frozenset())) >= 2, "the kiosk's report, and that the order has come"
    store.close()
    return box.left()


def standing(box: Box) -> tuple[str, str, str] | None:
    found = departure.read(box.data)
    return None if found is None else (found.kind, found.phase, found.order)


@pytest.mark.parametrize("start", [1, 2])
def test_a_revocation_survives_being_killed_anywhere_and_destroys_nothing(tmp_path: Path, start: int) -> None:
    box = Box(tmp_path, RevokedOrder())
    before, line, kills = what_it_holds(box), start, 0
    while killed_at(line, box.run):
        assert what_it_holds(box) - {"departure.json"} == before
        assert standing(box) in (None, ("revoked", "kept", "order-7"))
        kills += 1
        line += 2 if kills % 2 else 0
        assert kills < 500
    box.run()
    assert kills > 5
    assert standing(box) == ("revoked", "kept", "order-7")
    assert what_it_holds(box) == before | {"departure.json"}
    found = departure.read(box.data)
    assert found is not None
    assert departure.is_ordered(found, box.enrolled), "the kiosk believes the clinic, not the file"
    assert not box.serve(), "the link goes on: what destroys is never begun"


def test_a_box_that_was_asked_back_and_is_revoked_is_not_drained_any_more(tmp_path: Path) -> None:
    box = Box(tmp_path, ReturnOrder())
    assert not box.serve()
    box.order(RevokedOrder(), serial=8)
    store = box.store()
    for row in store.waiting(10, frozenset()):
        store.remember(box._answer(row.letter), anyway=True)
    store.close()
    assert not box.serve()
    assert standing(box) == ("revoked", "kept", "order-8")
    box.order(ReturnOrder(), serial=9)
    assert not box.serve()
    assert standing(box) == ("revoked", "kept", "order-8"), "nothing but a wipe comes after it"
    box.order(WipeOrder(), serial=10)
    assert box.serve()


def test_a_revocation_by_another_clinic_or_another_order_ends_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path, PlanOrder(plan=None))
    box.order(RevokedOrder(), seal.make_keys(), serial=9)
    assert not box.serve()
    assert departure.read(box.data) is None
    box.order(ReturnOrder(), serial=10)
    store = box.store()
    newest = store.newest_letter("return")
    store.close()
    assert newest is not None
    forged = Departure("revoked", "kept", "order-10", box.clock(), newest[1])
    assert not departure.is_ordered(forged, box.enrolled), "a signed order of another kind"


def test_a_revoked_box_that_is_enrolled_anew_is_in_service_and_its_former_order_ends_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path, RevokedOrder())
    box.run()
    shutil.rmtree(box.folder / "enrolment")
    box.run()  # nobody's yet: what it was told stays
    assert standing(box) == ("revoked", "kept", "order-7")
    box.enrolled = enrolled(box.folder / "enrolment", box.clinic_keys)
    for _ in range(2):  # link.db still has the order, repeated by whoever: it was to other keys
        box.run()
        assert departure.read(box.data) is None
