"""A box that is revoked and kept: what it is told, until when it may play, and what staff are told of it."""

import datetime as dt

import pytest
from django.test import Client

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet import revoked_list
from clinic.fleet.boxes import revoke
from clinic.fleet.certificates import may_renew
from clinic.fleet.models import Device
from clinic.fleet.open_doors import TOLD_MS, due, note_closed, open_to
from clinic.home import Home
from clinic.plans.ending import knows_since_ms, plays_until_ms, revoke_box, take_back
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import letters_after, unsent
from clinic.plans.plan_file import ActivityDraft, PackageDraft, PeriodDraft, PlanDraft
from clinic.plans.prescribe import prescribe
from clinic.results.models import LedgerRow
from mqtt_bridge import authority
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.contract.order import RevokedOrder
from mqtt_bridge.contract.report import OrderReceived
from tests.clinic.box import T0_MS, evaluation
from tests.clinic.conftest import Clinic
from tests.clinic.loans.said import fresh, wiped

pytestmark = pytest.mark.django_db(databases=["default", "audit"])


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


def test_a_revoked_box_that_nobody_wipes_renews_nothing(clinic: Clinic) -> None:
    revoke_box(clinic.device, "cassée", clinic.pen, wipe=False)
    with pytest.raises(RecordError, match="revoked"):
        may_renew("box-12")


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
