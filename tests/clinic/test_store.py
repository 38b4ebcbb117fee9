"""What the record makes of what arrives. The same file runs on SQLite and on PostgreSQL."""

from collections.abc import Sequence

import msgspec
import pytest
from msgspec import structs

from clinic.fleet.boxes import register, revoke
from clinic.ingest.held import retry_held
from clinic.ingest.store import DjangoStore
from clinic.people.models import Patient
from clinic.plans.models import CarePlan
from clinic.plans.orders import letters_after, mark_sent, unsent
from clinic.results.answers import UNKNOWN
from clinic.results.models import Answer, Evaluation, LedgerRow, Listening, Quarantine, Session
from clinic.results.reading import receipt
from clinic.results.sessions import as_json, records, sessions
from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.clinic_store import Arrival, Has, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import ReportReference
from mqtt_bridge.contract.report import Gap, Identity, OrderReceived
from tests.clinic.box import CLINIC, CONES, EPOCH, T0_MS, Box, evaluation, listening, stamp
from tests.clinic.conftest import Clinic
from tests.support.words_of_care import plan

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

BEFORE = evaluation("before", (6, 7, "declined", None, 2), "J’ai mal dormi.")
AFTER = evaluation("after", (3, 0, 3, 2, 5), "Merci.")
SEEN = ReportReference(epoch=EPOCH, seq=1)
HEARD = listening(gaps=(Gap(at_frame=48_000, duration_ms=420.5),))


def only_session() -> dict[str, object]:
    [kept] = records(sessions("martin"))
    return as_json(kept)


def test_a_session_is_put_together_from_its_reports(clinic: Clinic) -> None:
    for content in (BEFORE, HEARD, AFTER):
        clinic.receive(clinic.box.report(content))
    told = only_session()
    assert told["before"] == {"angoisse": 6, "anxiete": 7, "douleur": None, "agitation": None, "plaisir": 2}
    assert told["before_absent"] == {"douleur": "asked-declined", "agitation": "not-asked"}
    assert told["after"] == dict(zip(CONES, (3, 0, 3, 2, 5), strict=True))
    assert (told["outcome"], told["listened_s"]) == ("heard_whole", 60.0)
    assert told["gaps"] == [{"at_frame": 48_000, "duration_ms": 420.5}]
    assert (told["comment_before"], told["comment_after"]) == ("J’ai mal dormi.", "Merci.")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_reports_arrive_in_any_order(clinic: Clinic, order: tuple[int, ...]) -> None:
    letters = [clinic.box.report(content) for content in (BEFORE, HEARD, AFTER)]
    for index in order:
        clinic.receive(letters[index])
    told = only_session()
    assert told["outcome"] == "heard_whole"
    assert told["before"] is not None
    assert told["started_ms"] == T0_MS


def test_the_same_report_again_changes_nothing(clinic: Clinic) -> None:
    letter = clinic.box.report(BEFORE)
    first = clinic.box.ack(clinic.receive(letter)[0].payload)
    second = clinic.box.ack(clinic.receive(letter)[0].payload)
    assert (first.through, second.through) == (1, 1)
    assert second.serial > first.serial
    assert first.ledger == second.ledger
    assert Evaluation.objects.count() == LedgerRow.objects.count() == 1
    assert not Quarantine.objects.exists()


def test_the_same_report_sealed_anew_is_the_same(clinic: Clinic) -> None:
    report = clinic.box.write(BEFORE)
    clinic.receive(clinic.box.seal_report(report))
    clinic.receive(clinic.box.seal_report(report))
    assert Evaluation.objects.count() == 1
    assert not Quarantine.objects.exists()


def test_another_content_under_one_identity_is_quarantined_and_the_first_stays(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(BEFORE, seq=1))
    other = evaluation("before", (0, 0, 0, 0, 0))
    answers = clinic.receive(clinic.box.report(other, seq=1))
    assert clinic.box.ack(answers[0].payload).has(1)
    assert Answer.objects.get(item="angoisse").score == 6
    kept = Quarantine.objects.get()
    assert kept.kind == Quarantine.Kind.CONFLICT
    assert bytes(kept.payload)


def test_keep_says_what_it_made(clinic: Clinic) -> None:
    report = clinic.box.write(BEFORE)
    arrival = Arrival(report.identity, b"one", T0_MS, report)
    other = Arrival(report.identity, b"two", T0_MS, None, "no")
    with clinic.store.transaction():
        assert clinic.store.keep_all([arrival]) == [Kept.NEW]
        assert clinic.store.keep_all([arrival, other]) == [Kept.AGAIN, Kept.CONFLICT]


def test_what_cannot_be_opened_is_held_acknowledged_and_tried_again(clinic: Clinic) -> None:
    lost = seal.make_keys()
    answers = clinic.receive(clinic.box.seal_report(clinic.box.write(BEFORE), lost.public))
    ack = clinic.box.ack(answers[0].payload)
    assert ack.has(1)
    assert ack.holds(1)
    assert retry_held(clinic.keys) == (0, 1)
    found = seal.SecretKeys(sign=clinic.keys.sign, unseal=clinic.keys.unseal, retired=(lost.unseal,))
    assert retry_held(found) == (1, 0)
    assert only_session()["before"]
    kiosk = ("box-12", "kiosk", EPOCH)
    assert clinic.store.standings([kiosk]) == {kiosk: Standing.of((1,), ())}


def test_another_boxs_patient_is_held_with_the_reason_then_enters(clinic: Clinic) -> None:
    Patient.objects.create(id="leroy", given="S", family="Le Roy", address_as="Suzanne")
    answers = clinic.receive(clinic.box.report(BEFORE, patient="leroy"))
    assert clinic.box.ack(answers[0].payload).holds(1)
    assert "was for" in LedgerRow.objects.get().problem
    assert not Session.objects.exists()
    clinic.device.associations.create(patient_id="leroy", since_ms=0)
    assert retry_held(clinic.keys) == (1, 0)
    assert Session.objects.get().patient_id == "leroy"


@pytest.mark.parametrize(
    ("content", "patient", "reason"),
    [
        (BEFORE, None, "whose it is"),
        (evaluation("before", (11, 0, 0, 0, 0)), "martin", "answered 11"),
        (evaluation("before", (-1, 0, 0, 0, 0)), "martin", "answered -1"),
        (listening(started=stamp(2**70)), "martin", "2^53"),
        (listening(started=stamp(boot="b" * 65)), "martin", "boot id"),
        (OrderReceived(order="never-written", accepted=True), "martin", "has not written"),
    ],
)
def test_what_the_record_cannot_take_is_held(clinic: Clinic, content: object, patient: str | None, reason: str) -> None:
    answers = clinic.receive(clinic.box.report(content, patient=patient))  # type: ignore[arg-type]
    assert clinic.box.ack(answers[0].payload).holds(1)
    assert reason in LedgerRow.objects.get().problem
    assert not Session.objects.exists()


def test_a_nul_in_a_comment_is_kept_readable(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(evaluation("before", (1, 1, 1, 1, 1), "a\0b")))
    assert only_session()["comment_before"] == "a\N{REPLACEMENT CHARACTER}b"


def test_an_unknown_box_is_quarantined_once_and_counted(clinic: Clinic) -> None:
    stranger = Box(clinic.keys.public, "box-99")
    letter = stranger.report(BEFORE)
    assert clinic.receive(letter, topic=stranger.up) == []
    clinic.receive(letter, topic=stranger.up)
    assert Quarantine.objects.get().times == 2


def test_a_revoked_box_is_quarantined(clinic: Clinic) -> None:
    revoke(clinic.device)
    assert clinic.receive(clinic.box.report(BEFORE)) == []
    assert "revoked" in Quarantine.objects.get().problem
    assert not LedgerRow.objects.exists()


def test_one_box_cannot_fill_the_quarantine(clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    """What is not acknowledged stays on its box, so that nothing is lost by not keeping it twice. Nor the log."""

    class SmallStore(DjangoStore):
        aside_max = 3

    end = ClinicEnd(CLINIC, clinic.keys, SmallStore())
    stranger, other = Box(clinic.keys.public, "box-99"), Box(clinic.keys.public, "box-9")
    for _ in range(8):
        assert end.receive(stranger.up, stranger.report(BEFORE), T0_MS) == []
    kept = Quarantine.objects.exclude(payload=b"")
    overflow = Quarantine.objects.get(payload=b"")
    assert (kept.count(), overflow.times) == (3, 5)
    assert "certificate" in overflow.problem
    assert len(caplog.records) == 3 + 1
    end.receive(other.up, other.report(BEFORE), T0_MS)  # another box has its own room
    assert Quarantine.objects.exclude(payload=b"").count() == 4
    clinic.receive(clinic.box.report(BEFORE, seq=1))
    for score in range(1, 8):
        end.receive(clinic.box.up, clinic.box.report(evaluation("before", (score,) * 5), seq=1), T0_MS)
    conflicts = Quarantine.objects.filter(kind=Quarantine.Kind.CONFLICT)
    assert (conflicts.exclude(payload=b"").count(), conflicts.get(payload=b"").times) == (3, 4)


@pytest.mark.parametrize("seq", [0, -3, 2**53 + 1])
def test_an_impossible_number_is_quarantined(clinic: Clinic, seq: int) -> None:
    assert clinic.receive(clinic.box.sign("report", b"x" * 80, "0" * 16, seq)) == []
    assert Quarantine.objects.count() == 1


def test_acknowledgements_are_recomputed_at_hello(clinic: Clinic) -> None:
    letters = [clinic.box.report(evaluation("before", (1, 1, 1, 1, 1), session=f"s-{n}")) for n in range(1, 7)]
    for letter in (letters[0], letters[1], letters[4]):
        clinic.receive(letter)
    answers = clinic.receive(clinic.box.hello((wire.Held(stream="kiosk", epoch=EPOCH, last=6),)))
    ack = clinic.box.ack(answers[0].payload)
    assert (ack.through, ack.ranges, ack.nonce) == (2, (wire.Range(first=5, last=5),), "n-1")


def test_a_hello_with_too_many_epochs_is_set_aside(clinic: Clinic) -> None:
    keeps = tuple(wire.Held(stream="kiosk", epoch=f"{n:016x}", last=1) for n in range(wire.KEEPS_MAX + 1))
    assert clinic.receive(clinic.box.hello(keeps)) == []
    assert "Hello" in Quarantine.objects.get().problem


def test_a_crash_between_ledger_and_result_leaves_neither(clinic: Clinic) -> None:
    """The kill of a real ingest process is in test_real_parts.py; here the instant is chosen."""

    class Crash(BaseException):
        pass

    class CrashingStore(DjangoStore):
        def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
            super().keep_all(arrivals)
            assert LedgerRow.objects.exists()
            assert Session.objects.exists()
            raise Crash

    with pytest.raises(Crash):
        ClinicEnd("maison", clinic.keys, CrashingStore()).receive(clinic.box.up, clinic.box.report(BEFORE), T0_MS)
    assert not LedgerRow.objects.exists()
    assert not Session.objects.exists()


def test_orders_are_numbered_sent_and_received(clinic: Clinic) -> None:
    word = receipt(clinic.claire, (SEEN,), T0_MS)
    first, second = clinic.pen.read(clinic.device, word), clinic.pen.read(clinic.device, word)
    assert second.serial > first.serial
    assert [clinic.box.order(letter).serial for _, letter in unsent(T0_MS, 10)] == [first.serial, second.serial]
    mark_sent(first.digest, T0_MS)
    assert [clinic.box.order(letter).serial for _, letter in unsent(T0_MS, 10)] == [second.serial]
    clinic.receive(clinic.box.report(OrderReceived(order=second.order, accepted=False, reason="trop tard")))
    second.refresh_from_db()
    assert (second.received_ms, second.accepted, second.reason) == (T0_MS, False, "trop tard")


def test_hello_brings_the_orders_that_the_box_lacks_and_that_live(clinic: Clinic) -> None:
    word = receipt(clinic.claire, (SEEN,), T0_MS)
    lost, confirmed, last = [clinic.pen.read(clinic.device, word) for _ in range(3)]
    clinic.receive(clinic.box.report(OrderReceived(order=confirmed.order, accepted=True)))
    assert _serials(clinic, through=confirmed.serial) == [lost.serial, last.serial]
    assert _serials(clinic, through=0) == [lost.serial, confirmed.serial, last.serial]  # link.db was lost
    assert _serials(clinic, through=0, at_ms=last.expires_ms) == []


def _care_plan(clinic: Clinic, version: int) -> CarePlan:
    return CarePlan.objects.create(
        plan="plan-1",
        version=version,
        patient=clinic.patient,
        device=clinic.device,
        document=encode(plan(version=version)),
        requester=clinic.claire,
        signed_ms=T0_MS,
    )


def test_a_plan_that_a_later_one_supersedes_is_sent_neither_first_nor_again(clinic: Clinic) -> None:
    first, second = (clinic.pen.plan(_care_plan(clinic, version)) for version in (1, 2))
    read = clinic.pen.read(clinic.device, receipt(clinic.claire, (SEEN,), T0_MS))
    at_ms = second.expires_ms - 1
    assert [clinic.box.order(letter).serial for _, letter in unsent(at_ms, 10)] == [second.serial, read.serial]
    assert _serials(clinic, through=0, at_ms=at_ms) == [second.serial, read.serial]
    ended = clinic.pen.stop(clinic.device, _care_plan(clinic, 3))
    assert _serials(clinic, through=0, at_ms=at_ms) == [read.serial, ended.serial]
    second.expires_ms = ended.expires_ms + 1
    second.save()
    assert _serials(clinic, through=0, at_ms=ended.expires_ms) == []  # it lapsed; what it ended does not come back
    assert first.serial < second.serial


def test_a_plan_that_the_box_has_lost_comes_again_though_it_was_confirmed(clinic: Clinic) -> None:
    sent = clinic.pen.plan(_care_plan(clinic, 1))
    later = clinic.pen.read(clinic.device, receipt(clinic.claire, (SEEN,), T0_MS))
    for order in (sent, later):
        clinic.receive(clinic.box.report(OrderReceived(order=order.order, accepted=True)))
    at_ms = sent.expires_ms - 1
    for has, expected in ((Has(later.serial, sent.serial), []), (Has(later.serial, 0), [sent.serial])):
        found = letters_after(clinic.box.name, has, at_ms)
        assert [clinic.box.order(letter).serial for letter in found] == expected


def _serials(clinic: Clinic, through: int, at_ms: int = T0_MS) -> list[int]:
    answers = clinic.receive(clinic.box.hello(through=through), at_ms=at_ms)
    return [clinic.box.order(o.payload).serial for o in answers if o.topic.endswith("/down")]


def test_a_database_that_was_put_back_does_not_count_again(clinic: Clinic) -> None:
    word = receipt(clinic.claire, (SEEN,), T0_MS)
    last = clinic.pen.read(clinic.device, word)
    last.delete()  # the backup was made before it
    assert clinic.pen.read(clinic.device, word).serial > last.serial


def test_serials_are_each_boxs_own(clinic: Clinic) -> None:
    other = Box(clinic.keys.public, "box-13")
    device = register("box-13", other.keys.public, clinic.patient)
    word = receipt(clinic.claire, (SEEN,), T0_MS)
    ahead = clinic.pen.read(clinic.device, word)
    ahead.serial = 2**52
    ahead.save()
    assert clinic.pen.read(device, word).serial < 2**52
    assert clinic.pen.read(clinic.device, word).serial == 2**52 + 1


def test_an_uncertain_time_is_corrected_by_a_later_exchange_of_its_boot(clinic: Clinic) -> None:
    began = stamp(1_000, trusted=False, boot="boot-7", monotonic_ms=100_000)
    clinic.receive(clinic.box.report(listening(started=began)))
    assert (only_session()["time"], only_session()["error_ms"]) == ("uncertain", None)
    former = wire.Exchange(boot="boot-7", sent_monotonic_ms=400_000, received_monotonic_ms=400_200, server_ms=T0_MS)
    sent = stamp(2_000, trusted=False, boot="boot-7", monotonic_ms=500_000)
    clinic.receive(clinic.box.hello(former=former, sent=sent))
    told = only_session()
    assert (told["time"], told["started_ms"]) == ("exchange", T0_MS - 300_100)
    assert told["error_ms"] == 100 + 30
    assert Listening.objects.get().wall_ms == 1_000


def test_the_exchange_with_the_lowest_round_trip_stays(clinic: Clinic) -> None:
    for sent_ms, received_ms in ((500_000, 400_900), (500_001, 400_100), (500_002, 400_500)):
        former = wire.Exchange(boot="b", sent_monotonic_ms=400_000, received_monotonic_ms=received_ms, server_ms=T0_MS)
        clinic.receive(clinic.box.hello(former=former, sent=stamp(boot="b", monotonic_ms=sent_ms)))
    assert clinic.device.boot_clocks.get().exchange.round_trip_ms == 100


def test_an_exchange_after_our_own_clock_was_put_right_counts_were_it_slower(clinic: Clinic) -> None:
    """The clinic's server said 2030 for an hour: what began in that boot must not stay there."""
    wrong_ms = T0_MS + 4 * 365 * 86_400_000
    for server_ms, took_ms in ((wrong_ms, 20), (T0_MS, 900)):
        former = wire.Exchange(
            boot="b", sent_monotonic_ms=400_000, received_monotonic_ms=400_000 + took_ms, server_ms=server_ms
        )
        clinic.receive(clinic.box.hello(former=former, sent=stamp(boot="b", monotonic_ms=500_000 + took_ms)))
    assert clinic.device.boot_clocks.get().server_ms == T0_MS


def test_the_machines_own_time_is_kept_raw_where_the_box_went_by_the_clinics(clinic: Clinic) -> None:
    """X5: a box from 1970 that had been told the time. Its word counts within a second, its clock's stays beside."""
    began = structs.replace(stamp(T0_MS - 60_000, boot="boot-7"), machine_ms=7_000)
    clinic.receive(clinic.box.report(listening(started=began)))
    told = only_session()
    assert (told["started_ms"], told["error_ms"], told["time"]) == (T0_MS - 60_000, 1_000, "box-clock")
    kept = Listening.objects.get()
    assert (kept.wall_ms, kept.trusted) == (7_000, False)


def test_an_exchange_of_the_boot_before_dates_the_sessions_of_that_boot(clinic: Clinic) -> None:
    began = stamp(1_000, trusted=False, boot="boot-7", monotonic_ms=100_000)
    clinic.receive(clinic.box.report(listening(started=began)))
    former = wire.Exchange(boot="boot-7", sent_monotonic_ms=400_000, received_monotonic_ms=400_200, server_ms=T0_MS)
    clinic.receive(clinic.box.hello(former=former, sent=stamp(boot="boot-8", monotonic_ms=9_000)))
    assert only_session()["started_ms"] == T0_MS - 300_100
    assert not clinic.device.boot_clocks.filter(boot="boot-8").exists()


def test_an_exchange_that_ends_after_its_own_hello_is_not_believed(clinic: Clinic) -> None:
    former = wire.Exchange(boot="b", sent_monotonic_ms=400_000, received_monotonic_ms=400_200, server_ms=T0_MS)
    clinic.receive(clinic.box.hello(former=former, sent=stamp(boot="b", monotonic_ms=400_100)))
    assert not clinic.device.boot_clocks.exists()


@pytest.mark.parametrize(
    ("alive", "retained", "seen_ms"), [(True, False, T0_MS + 5), (True, True, T0_MS), (False, False, T0_MS)]
)
def test_only_a_fresh_birth_is_a_sign_of_life(clinic: Clinic, alive: bool, retained: bool, seen_ms: int) -> None:  # noqa: FBT001
    """A last will is sent by the broker, and a retained birth is repeated whenever ingest comes back."""
    clinic.receive(clinic.box.hello(), at_ms=T0_MS)
    state = clinic.box.sign("state", encode(wire.BoxState(alive=alive, boot="b", version="0.1")))
    clinic.end.receive("chevet/v1/maison/box-12/state", state, T0_MS + 5, retained=retained)
    clinic.device.refresh_from_db()
    assert (clinic.device.alive, clinic.device.last_seen_ms) == (alive, seen_ms)
    assert clinic.device.state_ms == (None if retained else T0_MS + 5)


def test_all_gaps_are_counted_though_a_hundred_are_told(clinic: Clinic) -> None:
    gaps = tuple(Gap(at_frame=n, duration_ms=1.0) for n in range(100))
    clinic.receive(clinic.box.report(msgspec.structs.replace(listening(gaps=gaps), gaps_total=130)))
    told = only_session()
    assert told["gaps_total"] == 130
    assert told["gaps"] == [{"at_frame": n, "duration_ms": 1.0} for n in range(100)]


def test_the_care_bears_the_title_of_the_plan_once_it_is_known(clinic: Clinic) -> None:
    clinic.receive(clinic.box.report(BEFORE))
    assert only_session()["care"] == "riviere"
    assert UNKNOWN == "unknown"


def test_identity_is_the_ledgers_only_key(clinic: Clinic) -> None:
    other = Box(clinic.keys.public, clinic.box.name, clinic.box.keys, epoch="f" * 16)
    clinic.receive(clinic.box.report(BEFORE, seq=1))
    clinic.receive(other.report(AFTER, seq=1))
    assert LedgerRow.objects.count() == 2
    assert Identity(box="a", stream="kiosk", epoch=EPOCH, seq=1) < Identity(box="a", stream="kiosk", epoch=EPOCH, seq=2)
