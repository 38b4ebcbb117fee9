"""The end of a loan at the clinic: what is still taken from a box, what it is still told, and the pages for it."""

import datetime as dt
import os
import tomllib
from html import escape
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from msgspec import structs
from pytest_django import Settings

from clinic.audit.models import AuditEvent
from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet import codes, revoked_list
from clinic.fleet.boxes import note_disinfected, note_returned, revoke
from clinic.fleet.certificates import may_renew
from clinic.fleet.loans import loans, state_of
from clinic.fleet.models import Device, DeviceAssociation, EnrolmentCode
from clinic.fleet.open_doors import PROVED_MS, TOLD_MS, due, note_closed, open_to
from clinic.home import Home
from clinic.plans.addresses import tell_addresses
from clinic.plans.ending import knows_since_ms, plays_until_ms, revoke_box, take_back
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import letters_after, unsent
from clinic.plans.plan_file import ActivityDraft, PackageDraft, PeriodDraft, PlanDraft
from clinic.plans.prescribe import prescribe
from clinic.registrar.doors import Doors, NotReachedError
from clinic.registrar.server import guarded
from clinic.registrar.watch import Watch
from clinic.results.models import LedgerRow, Quarantine
from mqtt_bridge import authority, enrolment_code
from mqtt_bridge.broker import write_access
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.contract.enrolling import EnrolmentAsked
from mqtt_bridge.contract.order import Addresses, ReturnOrder, RevokedOrder, WipeOrder
from mqtt_bridge.contract.report import BoxWiped, OrderReceived
from tests.clinic.box import T0_MS, evaluation, stamp
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def wiped(clinic: Clinic, order: str, lost: int = 0, *, uncounted: bool = False) -> bytes:
    return clinic.box.report(BoxWiped(order=order, began=stamp(), ended=stamp(), lost=lost, uncounted=uncounted))


def order_of(clinic: Clinic) -> str:
    """The id of the last order to the box, as the box reads it."""
    return clinic.box.order(list(letters_after("box-12", Has(), now_ms()))[-1]).id


def fresh(clinic: Clinic) -> Device:
    return Device.objects.get(pk=clinic.device.pk)


def test_a_box_that_is_to_be_wiped_is_told_that_and_nothing_else(clinic: Clinic) -> None:
    take_back(clinic.device, clinic.pen)  # an order of before, which it does not have yet
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    told = [clinic.box.order(letter).content for letter in letters_after("box-12", Has(), now_ms())]
    assert told == [WipeOrder()]
    assert [clinic.box.order(letter).content for _, letter in unsent(now_ms(), 10)] == [WipeOrder()]


def test_only_its_proof_is_taken_from_it(clinic: Clinic) -> None:
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    order = order_of(clinic)
    assert clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5)))) == []
    assert LedgerRow.objects.count() == 0
    assert "nothing is taken from it but its last word" in Quarantine.objects.get().problem
    [ack] = clinic.receive(wiped(clinic, order, lost=3), at_ms=T0_MS + 5)
    assert clinic.box.ack(ack.payload).ranges
    device = fresh(clinic)
    assert (device.wiped_ms, device.wiped_lost, state_of(device)) == (T0_MS + 5, 3, ("wiped", T0_MS + 5))
    assert not DeviceAssociation.objects.filter(device=device, until_ms=None).exists()
    assert list(letters_after("box-12", Has(), now_ms())) == [], "it has done it"


def test_what_a_box_could_not_count_is_told_as_that(clinic: Clinic, console: Client) -> None:
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    clinic.receive(wiped(clinic, order_of(clinic), uncounted=True), at_ms=T0_MS + 5)
    [loan] = loans()
    assert loan.as_dict().items() >= {"lost_reports": 0, "lost_uncounted": True}.items()
    assert "personne ne sait combien" in console.get("/boites/box-12").content.decode()


def test_a_box_that_is_revoked_and_not_wiped_is_told_so_and_only_its_word_that_it_knows_is_taken(
    clinic: Clinic,
) -> None:
    take_back(clinic.device, clinic.pen)  # an order of before, which it does not have yet
    revoke_box(clinic.device, "cassée", clinic.pen, wipe=False)
    [order] = [clinic.box.order(letter) for letter in letters_after("box-12", Has(), now_ms())]
    assert order.content == RevokedOrder()
    assert [clinic.box.order(letter).content for _, letter in unsent(now_ms(), 10)] == [RevokedOrder()]
    before = Order.objects.get(kind="return").order
    for word in (evaluation("before", (1, 2, 3, 4, 5)), OrderReceived(order=before, accepted=True)):
        assert clinic.receive(clinic.box.report(word)) == []
    assert clinic.receive(wiped(clinic, order.id)) == []
    assert LedgerRow.objects.count() == 0
    assert knows_since_ms(clinic.device) is None
    letter = clinic.box.report(OrderReceived(order=order.id, accepted=True))
    for _ in range(2):  # its answer was lost: the same word again
        assert clinic.receive(letter, at_ms=T0_MS + 5)
    assert LedgerRow.objects.count() == 1
    assert knows_since_ms(clinic.device) == T0_MS + 5
    note_closed([clinic.device])
    assert clinic.receive(letter) == [], "the door is closed: nothing is taken any more"
    assert list(letters_after("box-12", Has(), now_ms())) == []


def test_a_box_that_was_revoked_by_a_version_of_before_is_not_even_heard(clinic: Clinic) -> None:
    revoke(clinic.device, "cassée")
    assert clinic.receive(wiped(clinic, "none")) == []
    assert list(letters_after("box-12", Has(), now_ms())) == []
    assert [device.id for device in due(now_ms())] == ["box-12"], "the broker's door is closed at once"


def test_the_door_waits_a_moment_for_the_word_that_it_knows_and_no_longer(clinic: Clinic) -> None:
    revoke_box(clinic.device, "cassée", clinic.pen, wipe=False)
    at_ms = fresh(clinic).revoked_ms
    assert at_ms is not None
    assert [device.id for device in due(at_ms)] == ["box-12"], "never heard: nobody could say it"
    Device.objects.update(last_seen_ms=at_ms - 1)
    for later_ms, names in ((0, []), (TOLD_MS - 1, []), (TOLD_MS, ["box-12"]), (-1, ["box-12"])):
        assert [device.id for device in due(at_ms + later_ms)] == names, "nor does a clock put back keep it open"
        assert open_to(at_ms + later_ms) == ([] if names else ["box-12"])
    Order.objects.update(received_ms=at_ms, accepted=False)
    assert [device.id for device in due(at_ms)] == ["box-12"], "of before: it does not know the order, and says so"
    assert knows_since_ms(clinic.device) is None


def test_a_box_that_knows_that_it_is_revoked_plays_no_more_and_the_page_says_so(
    clinic: Clinic, console: Client
) -> None:
    period = PeriodDraft(dt.date(2025, 1, 1), dt.date(2099, 1, 1))
    care = ActivityDraft("riviere", "La rivière", "relaxation", 60, PackageDraft("riviere", "0" * 64), ("Écoutez.",))
    prescribe(PlanDraft(period, (care,)), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    console.post("/boites/box-12/fin", {"act": "revoke", "sure": "revoke"})
    assert "Elle n’a pas dit qu’elle sait" in console.get("/boites/box-12").content.decode()
    Order.objects.filter(kind="revoked").update(accepted=True, received_ms=now_ms())
    assert plays_until_ms(clinic.device) is None
    page = console.get("/boites/box-12").content.decode()
    assert "Elle sait depuis le" in page
    assert "peut encore jouer" not in page


def test_a_returning_box_gives_everything_and_is_then_revoked(clinic: Clinic) -> None:
    take_back(clinic.device, clinic.pen)
    order = clinic.box.order(list(letters_after("box-12", Has(), now_ms()))[-1])
    assert order.content == ReturnOrder()
    assert clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5))))
    assert LedgerRow.objects.filter(state="stored").count() == 1
    letter = wiped(clinic, order.id)
    assert clinic.receive(letter)
    device = fresh(clinic)
    assert device.revoked_ms is not None
    assert (device.wiped_lost, device.revoked_reason) == (0, "rendue")
    assert clinic.receive(letter), "the answer was lost: the same proof is answered again"
    assert list(due(T0_MS + PROVED_MS)) == [], "it needs the answer to destroy its keys"
    assert [one.id for one in due(T0_MS + PROVED_MS + 1)] == ["box-12"]
    with pytest.raises(RecordError, match="asked back already"):
        take_back(device, clinic.pen)


def test_a_proof_that_nobody_ordered_is_held(clinic: Clinic) -> None:
    clinic.receive(wiped(clinic, "of-nobody"))
    row = LedgerRow.objects.get()
    assert (row.state, fresh(clinic).wiped_ms) == ("held", None)
    assert "has not written to the box" in row.problem


def test_headphones_are_noted_once_the_box_is_back(clinic: Clinic) -> None:
    with pytest.raises(RecordError, match="not back yet"):
        note_disinfected(clinic.device, "claire")
    note_returned(clinic.device)
    note_disinfected(clinic.device, "claire")
    device = fresh(clinic)
    assert state_of(device)[0] == "ready"
    assert device.disinfected_by == "claire"
    [told] = [loan.as_dict() for loan in loans()]
    assert told["patients"] == ["martin"]


def test_what_was_revoked_stays_so_when_the_database_is_put_back(home: Home) -> None:
    home.broker.mkdir()
    revoked_list.write_none(home)
    revoked_list.write(home, [("aa", 1_800_000_000_000)])
    revoked_list.write(home, [("bb", 1_800_000_001_000)])  # by a database of before
    assert authority.read_revoked(home.revoked) == {"aa": 1_800_000_000_000, "bb": 1_800_000_001_000}
    assert revoked_list.lists(home, ["bb"])
    assert not revoked_list.lists(home, ["cc"])
    home.revoked.write_text("spoilt")
    assert not revoked_list.lists(home, ["bb"])
    revoked_list.write(home, [])
    assert revoked_list.lists(home, ["aa", "bb"])


def test_a_stolen_box_may_renew_until_it_is_wiped(clinic: Clinic) -> None:
    """Its certificate may have ended in a drawer: the order to wipe can reach it by no other door."""
    revoke_box(clinic.device, "volée", clinic.pen, wipe=True)
    assert may_renew("box-12").pk == "box-12"
    Device.objects.filter(pk="box-12").update(wiped_ms=now_ms())
    with pytest.raises(RecordError, match="revoked"):
        may_renew("box-12")


def test_a_revoked_box_that_nobody_wipes_renews_nothing(clinic: Clinic) -> None:
    revoke_box(clinic.device, "cassée", clinic.pen, wipe=False)
    with pytest.raises(RecordError, match="revoked"):
        may_renew("box-12")


def test_a_door_is_closed_only_where_the_broker_was_told(clinic: Clinic, home: Home) -> None:
    """No mosquitto runs here: its files are written, and nobody says that the box is kept out."""
    home.broker.mkdir()
    revoke_box(clinic.device, "perdue", clinic.pen, wipe=False)
    for _ in range(2):
        with pytest.raises(NotReachedError, match="SIGHUP"):
            Doors(home, home.configuration()).turn()
        assert fresh(clinic).closed_ms is None
        assert open_to(now_ms()) == []
    assert "user box-12" in (home.broker / "acl").read_text()
    assert note_closed(due(now_ms())) == ["box-12"]
    assert Doors(home, home.configuration()).turn() == []


def test_nobody_looks_after_the_doors_and_the_registrar_ends() -> None:
    ended: list[str] = []

    def breaks() -> None:
        raise LookupError("a fault of ours")

    with pytest.raises(LookupError):
        guarded(breaks, lambda: ended.append("ended"))
    assert ended == ["ended"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another account")
def test_rights_written_by_root_are_the_brokers_own(tmp_path: Path) -> None:
    """Or mosquitto, which has given root up, would find no rights at its next start."""
    os.chown(tmp_path, 12_345, 12_346)
    acl = write_access(tmp_path, "maison", ["box-12"])
    for file in (acl, tmp_path / "closed"):
        assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (12_345, 12_346, 0o600)


def test_a_box_is_told_where_the_registrar_is_once_and_again_when_it_moves(clinic: Clinic, home: Home) -> None:
    told = home.configuration()
    assert tell_addresses(clinic.pen, told) == ["box-12"]
    order = clinic.box.order([letter for _, letter in unsent(now_ms(), 10)][-1])
    assert order.content == Addresses(
        registrar_host="boites.example", registrar_port=8885, shelf_host="boites.example", shelf_port=8884
    )
    assert tell_addresses(clinic.pen, told) == []
    moved = structs.replace(told, registrar=structs.replace(told.registrar, host="ailleurs.example"))
    assert tell_addresses(clinic.pen, moved) == ["box-12"]
    revoke_box(clinic.device, "perdue", clinic.pen, wipe=False)
    assert tell_addresses(clinic.pen, told) == []
    nowhere = structs.replace(told, registrar=structs.replace(told.registrar, port=0))
    assert tell_addresses(clinic.pen, nowhere) == []


def test_what_fails_is_tried_ever_more_seldom_and_told_each_time(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[float] = []

    def away() -> None:
        tried.append(now_s)
        raise OSError("no broker")

    thing = Watch(away, "the door is not closed")
    for step in range(300):
        now_s = float(step)
        thing.look(now_s)
    assert tried == [0, 10, 30, 70, 130, 190, 250]
    assert len(caplog.records) == len(tried)


def test_a_reason_with_a_nul_is_kept_without_it(clinic: Clinic, console: Client) -> None:
    """PostgreSQL keeps none in a text: the page would fail with the box not revoked."""
    said = {"act": "revoke", "sure": "revoke", "reason": "vol\0ée\0"}
    assert console.post("/boites/box-12/fin", said).status_code == 302
    assert fresh(clinic).revoked_reason == "volée"


def test_staff_are_told_until_when_a_revoked_box_may_play(clinic: Clinic, console: Client) -> None:
    """And that help asked on it reaches nobody: it says nothing to anybody that the clinic hears."""
    period = PeriodDraft(dt.date(2025, 1, 1), dt.date(2099, 1, 1))
    care = ActivityDraft("riviere", "La rivière", "relaxation", 60, PackageDraft("riviere", "0" * 64), ("Écoutez.",))
    plan = prescribe(PlanDraft(period, (care,)), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    assert plays_until_ms(clinic.device) == plan.content.period.end_ms
    asked = console.post("/boites/box-12/fin", {"act": "revoke"}).content.decode()
    assert "n’arrive à personne" in asked
    console.post("/boites/box-12/fin", {"act": "revoke", "sure": "revoke"})
    page = console.get("/boites/box-12").content.decode()
    assert "peut encore jouer" in page
    assert "2099" in page.split("peut encore jouer")[1].split("</p>")[0]
    Order.objects.update(accepted=True)
    clinic.pen.stop(clinic.device, plan)
    CarePlan.objects.update(stopped_ms=now_ms())
    assert plays_until_ms(clinic.device) == plan.content.period.end_ms, "nobody knows that it has the order to stop"
    Order.objects.update(accepted=True)
    assert plays_until_ms(clinic.device) is None
    assert "peut encore jouer" not in console.get("/boites/box-12").content.decode()


# The codes


@pytest.fixture
def home(console: Client, settings: Settings, tmp_path: Path) -> Home:
    """The console's clinic with an authority and its settings."""
    found: Home = settings.HOME
    authority.make_authority(found.authority, "maison")
    found.configuration_file.write_text('clinic = "maison"\n[broker]\nhost = "boites.example"\n')
    return found


def ca_of(home: Home) -> bytes:
    return (home.authority / "ca.pem").read_bytes()


def test_a_code_is_a_digest_and_ends(clinic: Clinic, home: Home) -> None:
    made = codes.make_code(clinic.patient, "", ca_of(home), "claire")
    code = enrolment_code.read(made.text)
    assert made.code.box == "box-1"
    assert code.secret not in made.code.digest
    assert code.is_of(authority.fingerprint(ca_of(home)))
    assert [one.pk for one in codes.waiting()] == [made.code.pk]
    EnrolmentCode.objects.update(expires_ms=now_ms() - 1)
    assert not codes.waiting()
    with pytest.raises(codes.CodeRefused):
        codes.use(asked(code, home.folder), lambda _request, _box: b"")
    for hours in (0, 169):
        with pytest.raises(RecordError, match="1 to 168 hours"):
            codes.make_code(clinic.patient, "", ca_of(home), "claire", hours)


def test_two_codes_at_one_instant_are_for_two_boxes(clinic: Clinic, home: Home) -> None:
    """The second nurse's would have ended the first one's, and nobody would have told her."""
    first = codes.make_code(clinic.patient, "", ca_of(home), "claire")
    with pytest.raises(IntegrityError), transaction.atomic():
        codes._make(clinic.patient, first.code.box, authority.fingerprint(ca_of(home)), "marc", 24)
    second = codes.make_code(clinic.patient, "", ca_of(home), "marc")
    assert [one.box for one in codes.waiting()] == ["box-1", "box-2"] == [first.code.box, second.code.box]


def asked(code: enrolment_code.EnrolmentCode, folder: Path, secret: str = "") -> EnrolmentAsked:
    key = folder / "key.pem"
    if not key.exists():
        authority.make_key(key)
    request = authority.make_request(key, "box").decode()
    return EnrolmentAsked(name=code.name, secret=secret or code.secret, verify=b"v" * 32, seal=b"s" * 32,
                                request=request)  # fmt: skip


def test_a_try_is_counted_before_it_is_compared(clinic: Clinic, home: Home) -> None:
    code = enrolment_code.read(codes.make_code(clinic.patient, "", ca_of(home), "claire").text)

    def sign(request: str, box: str) -> bytes:
        return authority.sign_request(home.authority, request.encode(), box)

    for number in range(1, codes.TRIES_MAX):
        with pytest.raises(codes.CodeRefused):
            codes.use(asked(code, home.folder, "0" * 10), sign)
        assert EnrolmentCode.objects.get().tries == number
    row, new = codes.use(asked(code, home.folder), sign)
    assert new
    assert EnrolmentCode.objects.get().tries == 0, "an honest box that asks again is not locked out"
    again, new = codes.use(asked(code, home.folder), sign)
    assert not new
    assert again.certificate == row.certificate
    assert Device.objects.get(id="box-1").certificates.count() == 1


def test_a_code_is_lent_on_the_console_and_shown_once(clinic: Clinic, home: Home, console: Client) -> None:
    assert "Prêter une boîte" in console.get("/boites").content.decode()
    page = console.post("/boites/preter", {"patient": "martin", "box": "box-40"}).content.decode()
    [row] = EnrolmentCode.objects.all()
    file = unquote(
        page.split('download="chevet-enrol.toml" href="data:application/toml;charset=utf-8,')[1].split('"')[0]
    )
    told = tomllib.loads(file)
    text = told["code"]
    assert enrolment_code.read(text).name == row.name
    assert told["clinic_url"] == "https://boites.example:8885"
    assert escape(file) in page, "the same two lines to be copied by hand"
    assert "<svg" in page
    assert AuditEvent.objects.filter(agent="claire", patient="martin", detail__contains=row.name).exists()
    listed = console.get("/boites").content.decode()
    assert "Codes qui attendent leur boîte" in listed
    assert text not in listed
    console.post(f"/boites/codes/{row.pk}/annuler")
    assert not codes.waiting()
    taken = console.post("/boites/preter", {"patient": "martin", "box": "box-12"}).content.decode()
    assert "porte ou a porté ce nom" in taken
    assert "Rien n’est enregistré" in console.post("/boites/preter", {"patient": "autre"}).content.decode()


def test_what_cannot_be_undone_is_asked_twice(clinic: Clinic, home: Home, console: Client) -> None:
    first = console.post("/boites/box-12/fin", {"act": "wipe", "reason": "volée au domicile"}).content.decode()
    assert "Est-ce certain" in first
    assert fresh(clinic).revoked_ms is None
    console.post("/boites/box-12/fin", {"act": "wipe", "sure": "wipe", "reason": "volée au domicile"})
    device = fresh(clinic)
    assert (state_of(device)[0], device.revoked_reason) == ("to-be-wiped", "volée au domicile")
    assert AuditEvent.objects.filter(agent="claire", detail="box box-12: wipe: volée au domicile").exists()
    page = console.get("/boites/box-12").content.decode()
    assert "Effacement ordonné" in page
    assert "volée au domicile" in page
    assert "à effacer au prochain contact" in console.get("/boites").content.decode()
    assert console.post("/boites/box-12/fin", {"act": "take-back", "sure": "take-back"}).status_code == 302
    console.post("/boites/box-12/fin", {"act": "returned"})
    console.post("/boites/box-12/fin", {"act": "disinfected"})
    assert state_of(fresh(clinic))[0] == "ready"
    for path in ("/boites/box-99", "/boites/%00"):
        assert console.get(path).status_code == 404
    assert console.post("/boites/box-12/fin", {"act": "burn"}).status_code == 404


def test_a_technician_ends_a_loan_and_sees_nobodys_name(clinic: Clinic, home: Home) -> None:
    client = signed_in(practitioner("tech", "technician"))
    page = client.get("/boites/box-12").content.decode()
    assert "Martin" not in page
    assert "Prêter" not in client.get("/boites").content.decode()
    client.post("/boites/box-12/fin", {"act": "take-back", "sure": "take-back"})
    assert state_of(fresh(clinic))[0] == "asked-back"
