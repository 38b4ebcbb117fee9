"""Many messages in one transaction keep what each alone would have: the fast way breaks none of the promises."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clinic.fleet.boxes import register, revoke
from clinic.fleet.models import Device
from clinic.ingest.pace import ODD_COST, UNITS_MIN, Pace
from clinic.ingest.store import DjangoStore
from clinic.results.models import Answer, Evaluation, LedgerRow, Quarantine, Session
from clinic.results.sessions import as_json, records, sessions
from mqtt_bridge.clinic_end import SEEN_MS_MAX, ClinicEnd, Message, Outgoing, Read
from mqtt_bridge.clinic_store import Arrival, ClinicStore, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.fake import FakeClient
from mqtt_bridge.seal import PublicKeys
from tests.clinic.box import CLINIC, EPOCH, T0_MS, Box, evaluation, listening, stamp
from tests.clinic.conftest import Clinic
from tests.clinic.test_process import Loop, deliver
from tests.simulation.record import SqlRecord
from tests.support.clinic_store import MemoryStore

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

BEFORE = evaluation("before", (6, 7, "declined", None, 2), "J’ai mal dormi.")
AFTER = evaluation("after", (3, 0, 3, 2, 5), "Merci.")


def message(box: Box, payload: bytes) -> Message:
    return Message(box.up, payload)


def keep(clinic: Clinic, payloads: Sequence[bytes], end: ClinicEnd | None = None) -> list[Outgoing]:
    there = end or clinic.end
    return there.keep(there.read([message(clinic.box, payload) for payload in payloads], T0_MS), T0_MS)


def care(clinic: Clinic, name: str = "s-1") -> list[bytes]:
    before, after = (msgspec.structs.replace(one, session=name) for one in (BEFORE, AFTER))
    return [clinic.box.report(content) for content in (before, listening(name), after)]


def left_by(box: Box) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the record has of a box, without the names of its rows."""
    told = [as_json(kept) for kept in records(sessions("martin").filter(device=box.name))]
    plain = [{name: value for name, value in one.items() if name not in {"box", "id"}} for one in told]
    rows = LedgerRow.objects.filter(device=box.name).order_by("seq").values("state", "seq", "received_ms")
    return plain, [dict(row) for row in rows]


def test_a_batch_leaves_what_its_messages_leave_one_by_one(clinic: Clinic) -> None:
    other = Box(clinic.keys.public, "box-13")
    register(other.name, other.keys.public, clinic.patient)
    for box, at_once in ((clinic.box, True), (other, False)):
        contents = [
            msgspec.structs.replace(one, session=f"s-{n}") for n in range(3) for one in (BEFORE, listening(), AFTER)
        ]
        messages = [message(box, box.report(content)) for content in contents]
        for some in [messages] if at_once else [[one] for one in messages]:
            clinic.end.keep(clinic.end.read(some, T0_MS), T0_MS)
    assert left_by(clinic.box) == left_by(other)
    assert len(left_by(other)[0]) == 3


def test_one_cumulative_answer_for_a_stream_and_epoch(clinic: Clinic) -> None:
    other = Box(clinic.keys.public, clinic.box.name, clinic.box.keys, epoch="f" * 16)
    answers = keep(clinic, [*care(clinic), other.report(BEFORE, seq=2)])
    acks = [clinic.box.ack(answer.payload) for answer in answers]
    assert [(ack.epoch, ack.through, ack.ranges) for ack in acks] == [
        (EPOCH, 3, ()),
        ("f" * 16, 0, (wire.Range(first=2, last=2),)),
    ]
    assert acks[0].serial < acks[1].serial


def test_what_is_wrong_in_the_middle_spoils_nothing_else(clinic: Clinic) -> None:
    """Unreadable, unfit, of nobody, a stranger's: each finds its own place, the others the record."""
    unfit = clinic.box.report(evaluation("before", (11, 0, 0, 0, 0), session="s-2"))
    nobodys = clinic.box.report(evaluation("before", (1, 1, 1, 1, 1), session="s-3"), patient=None)
    good = care(clinic)
    answers = keep(clinic, [good[0], b"\x00", unfit, good[1], nobodys, good[2]])
    ack = clinic.box.ack(answers[0].payload)
    assert ack.through == 5
    assert ack.held == (wire.Range(first=1, last=2),)
    assert set(LedgerRow.objects.filter(state="held").values_list("code", flat=True)) == {"bad-answer", "no-patient"}
    assert Quarantine.objects.get().kind == Quarantine.Kind.UNREADABLE
    [kept] = records(sessions("martin"))
    assert as_json(kept)["outcome"] == "heard_whole"


def test_one_identity_twice_in_a_batch(clinic: Clinic) -> None:
    first = clinic.box.report(BEFORE, seq=1)
    other = clinic.box.report(evaluation("before", (0, 0, 0, 0, 0)), seq=1)
    answers = keep(clinic, [first, other, first])
    assert clinic.box.ack(answers[0].payload).through == 1
    assert Answer.objects.get(item="angoisse").score == 6
    assert Quarantine.objects.get().kind == Quarantine.Kind.CONFLICT
    assert LedgerRow.objects.count() == 1


def test_a_box_that_is_revoked_between_reading_and_keeping_is_not_heard(clinic: Clinic) -> None:
    read = clinic.end.read([message(clinic.box, letter) for letter in care(clinic)], T0_MS)
    revoke(clinic.device)
    assert clinic.end.keep(read, T0_MS) == []
    assert not LedgerRow.objects.exists()
    assert {row.code for row in Quarantine.objects.all()} == {"not-enrolled"}


def test_a_box_that_is_enrolled_between_reading_and_keeping_is_heard(clinic: Clinic) -> None:
    late = Box(clinic.keys.public, "box-13")
    read = clinic.end.read([message(late, late.report(BEFORE))], T0_MS)
    register(late.name, late.keys.public, clinic.patient)
    assert len(clinic.end.keep(read, T0_MS)) == 1
    assert LedgerRow.objects.get().device_id == "box-13"


def test_a_hello_among_reports_knows_of_all_of_them(clinic: Clinic) -> None:
    first, *rest = care(clinic)
    hello = clinic.box.hello((wire.Held(stream="kiosk", epoch=EPOCH, last=3),))
    answers = [clinic.box.ack(answer.payload) for answer in keep(clinic, [first, hello, *rest])]
    assert [(ack.through, ack.nonce) for ack in answers] == [(3, None), (3, "n-1")]


def test_a_session_of_before_is_dated_by_what_was_heard_since(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(AFTER))
    asked, began = stamp(T0_MS - 600_000), stamp(T0_MS - 500_000)
    keep(clinic, [clinic.box.report(evaluation("before", (1,) * 5, asked=asked)), clinic.box.report(listening())])
    assert Session.objects.get().started_ms == T0_MS
    keep(clinic, [clinic.box.report(evaluation("before", (1,) * 5, asked=began))])
    assert Session.objects.get().started_ms == T0_MS, "the listening tells when the care began"


class CutStore(DjangoStore):
    """The process ends at an instant of the test's choosing."""

    class Cut(BaseException):
        pass

    cut = False

    def next_acks(self, count: int) -> tuple[str, range]:
        if self.cut:
            raise self.Cut
        return super().next_acks(count)


def test_a_kill_before_the_commit_leaves_nothing_and_settles_nothing(clinic: Clinic, tmp_path: Path) -> None:
    store = CutStore()
    store.cut = True
    loop = Loop(clinic, tmp_path, store)
    with pytest.raises(CutStore.Cut):
        loop.run(deliver(loop, clinic, care(clinic)))
    assert not LedgerRow.objects.exists()
    assert (loop.client.settled, loop.sent("/ack")) == ([], [])


class DeafClient(FakeClient):
    """The process ends after the commit, before its answer leaves."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        raise CutStore.Cut


def test_a_kill_between_commit_and_answer_is_repaired_when_the_broker_brings_it_again(
    clinic: Clinic, tmp_path: Path
) -> None:
    letters = care(clinic)
    killed = Loop(clinic, tmp_path)
    killed.client = DeafClient(killed.broker, killed.mailbox)
    with pytest.raises(CutStore.Cut):
        killed.run(deliver(killed, clinic, letters))
    assert killed.client.settled == []
    again = Loop(clinic, tmp_path)
    again.run(deliver(again, clinic, letters))
    assert clinic.box.ack(again.sent("/ack")[-1]).through == 3
    assert (LedgerRow.objects.count(), Evaluation.objects.count(), Quarantine.objects.count()) == (3, 2, 0)


class UnreadableEnd(ClinicEnd):
    """A fault of ours while one message is read."""

    def _read(self, message: Message, box: str, keys: PublicKeys | None, now_ms: int) -> Read:
        if message.payload == b"fault":
            raise ZeroDivisionError("ours")
        return super()._read(message, box, keys, now_ms)


def test_a_fault_while_reading_is_kept_raw_and_the_others_are_kept(clinic: Clinic, tmp_path: Path) -> None:
    loop = Loop(clinic, tmp_path)
    loop.end = UnreadableEnd(CLINIC, clinic.keys, loop.store)
    first, *rest = care(clinic)
    loop.run(deliver(loop, clinic, [first, b"fault", *rest]))
    assert LedgerRow.objects.count() == 3
    assert "ZeroDivisionError" in Quarantine.objects.get().problem


def test_all_three_stores_tell_the_same_of_a_batch(clinic: Clinic, tmp_path: Path) -> None:
    """The port's form in memory, which the wire's own tests stand on, and that in plain SQL, the simulation's."""
    memory, plain = MemoryStore(), SqlRecord(tmp_path, "ledger")
    memory.keys[clinic.box.name] = clinic.device.keys
    plain.enrol(clinic.box.name, clinic.device.keys)
    reports = [clinic.box.write(BEFORE, seq=seq) for seq in (1, 2, 5)]
    arrivals = [Arrival(r.identity, clinic.box.seal_report(r), T0_MS, r) for r in reports]
    twice = [*arrivals, arrivals[1], Arrival(reports[0].identity, b"other", T0_MS, None, "no")]
    kiosk, nothing = (clinic.box.name, "kiosk", EPOCH), (clinic.box.name, "link", EPOCH)
    told = []
    stores: tuple[ClinicStore, ...] = (memory, plain, clinic.store)
    for store in stores:
        with store.transaction():
            kept = store.keep_all(twice)
        ledger, serials = store.next_acks(3)
        later = store.next_acks(1)
        assert later[0] == ledger
        assert later[1][0] == serials[-1] + 1
        since = tuple(store.first_since([kiosk, nothing], at_ms) for at_ms in (T0_MS, T0_MS + 1))
        told.append((kept, store.standings([kiosk, nothing]), store.keys_of({clinic.box.name, "nobody"}), since))
    plain.close()
    assert told[0] == told[1] == told[2]
    assert told[0][0] == [Kept.NEW] * 3 + [Kept.AGAIN, Kept.CONFLICT]
    assert told[0][1] == {kiosk: Standing.of((1, 2, 5), ()), nothing: Standing((), ())}
    assert told[0][3] == ({kiosk: 1}, {})


def test_what_came_since_is_told_by_its_lowest_number(clinic: Clinic) -> None:
    """Not by its last: what was sent again after a restoration has a low number, and came late."""
    kiosk, at_ms = (clinic.box.name, "kiosk", EPOCH), {1: 5, 2: 9, 3: 5, 4: 9}
    for seq, received_ms in at_ms.items():
        report = clinic.box.write(BEFORE, seq=seq)
        clinic.store.keep_all([Arrival(report.identity, clinic.box.seal_report(report), T0_MS + received_ms, report)])
    found = [clinic.store.first_since([kiosk], T0_MS + since_ms) for since_ms in (5, 6, 10)]
    assert found == [{kiosk: 1}, {kiosk: 2}, {}]


def test_keys_that_were_changed_since_the_last_batch_hold(clinic: Clinic) -> None:
    """They are remembered to read by: under those of before nothing is taken any more."""
    before, after = clinic.box, Box(clinic.keys.public, clinic.box.name)
    keep(clinic, [before.report(BEFORE, seq=1)])
    told = after.keys.public
    Device.objects.filter(id=before.name).update(verify_key=told.verify, seal_key=told.seal)
    keep(clinic, [box.report(BEFORE, seq=seq) for box, seq in ((before, 2), (after, 3))])
    assert list(LedgerRow.objects.order_by("seq").values_list("seq", flat=True)) == [1, 3]
    assert Quarantine.objects.count() == 1


class Asked(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[set[str]] = []

    def keys_of(self, boxes: Collection[str]) -> dict[str, PublicKeys]:
        self.asked.append(set(boxes))
        return super().keys_of(boxes)


def test_keys_are_asked_for_once_a_second_to_read_by_and_always_to_keep(clinic: Clinic) -> None:
    store, box = Asked(), clinic.box
    store.keys[box.name] = box.keys.public
    end = ClinicEnd(CLINIC, clinic.keys, store)

    def asked(at_ms: int, seq: int) -> list[set[str]]:
        store.asked.clear()
        end.keep(end.read([message(box, box.report(BEFORE, seq=seq))], at_ms), at_ms)
        return list(store.asked)

    both, kept_only = [{box.name}, {box.name}], [{box.name}]
    times = (T0_MS, T0_MS + 1, T0_MS + SEEN_MS_MAX, T0_MS - 1)  # the last: its clock was put back
    assert [asked(at_ms, seq) for seq, at_ms in enumerate(times, 1)] == [both, kept_only, both, both]


def test_a_standing_is_ranges_of_what_is_there() -> None:
    standing = Standing.of((3, 1, 9), (2, 7))
    assert [(r.first, r.last) for r in standing.has] == [(1, 3), (7, 7), (9, 9)]
    assert [(r.first, r.last) for r in standing.held] == [(2, 2), (7, 7)]


def test_the_pace_grows_by_what_was_tried_and_yields_at_once() -> None:
    pace, quick = Pace(lock_ms_max=10, count_max=100), [True] * 200
    assert pace.fit(quick) == pace.room == UNITS_MIN
    pace.took(UNITS_MIN, 0, work_ms=1)
    assert pace.fit(quick) == 2 * UNITS_MIN
    pace.took(1, 0, work_ms=1)  # too little to learn from
    assert pace.fit(quick) == 2 * UNITS_MIN
    pace.took(2 * UNITS_MIN, 0, work_ms=5)
    assert pace.fit(quick) == 4 * UNITS_MIN
    pace.took(4 * UNITS_MIN, 0, work_ms=20)
    assert pace.fit(quick) == 2 * UNITS_MIN
    pace.took(2 * UNITS_MIN, 0, work_ms=10_000)
    assert pace.fit(quick) == UNITS_MIN
    assert pace.fit([False] * 50) == UNITS_MIN // ODD_COST
    assert pace.fit([]) == 0


def test_a_backlog_is_answered_by_the_batch(clinic: Clinic, tmp_path: Path) -> None:
    loop = Loop(clinic, tmp_path)
    letters = [clinic.box.report(evaluation("before", (1,) * 5, session=f"s-{n}")) for n in range(100)]
    loop.run(deliver(loop, clinic, letters))
    assert clinic.box.ack(loop.sent("/ack")[-1]).through == 100
    assert len(loop.sent("/ack")) <= 100 // UNITS_MIN + 2
