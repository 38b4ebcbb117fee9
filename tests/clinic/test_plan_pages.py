"""Writing, signing and following a plan, through the real pages (A2, A11, A15)."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.people.models import Patient, Role
from clinic.people.team import join
from clinic.plans.drafting import content_of, draft_of, revision
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan, Draft, Order
from clinic.plans.orders import mark_sent
from clinic.plans.protocols import house_protocol
from clinic.plans.unfinished import UnfinishedPlan
from clinic.shelf.models import Package
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import OrderReceived
from tests.clinic.box import T0_MS, evaluation
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.shelved import put_all

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

PAGE = "/patients/martin/plan"
DRAFT = f"{PAGE}/brouillon"
NASTY = '<script>alert("x")</script>&"\''
"""32 characters at most would cut it for a title: see `nasty`."""


@pytest.fixture
def shelf(db: None) -> dict[str, Package]:
    """Every package that the house's protocols name."""
    return put_all()


def token(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def begin(console: Client, told: str = "") -> None:
    answer = console.post(f"{PAGE}/nouveau", {"from": told or house_protocol("relaxation").canonical})
    assert answer.headers["Location"] == DRAFT


def now(patient: str = "martin") -> UnfinishedPlan:
    draft = draft_of(Patient.objects.get(pk=patient))
    assert draft is not None
    return content_of(revision(draft))


def fields(page: str) -> dict[str, Any]:
    """Every field of the page's last form as the browser would send it."""
    form = page[page.rindex('<form class="sheet form') :]
    told: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="(\w+)"', tag)
        if not name or (kind and kind.group(1) in ("checkbox", "radio") and "checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        told.setdefault(name.group(1), []).append(value.group(1) if value else "on" if "checked" in tag else "")
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        told[name] = [chosen.group(1) if chosen else ""]
    for name, body in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        told[name] = [body]
    import html

    return {name: [html.unescape(one) for one in values] for name, values in told.items()}


def opened(console: Client, path: str) -> dict[str, Any]:
    return fields(console.get(path).content.decode())


def sign(console: Client) -> Any:
    page = console.get(f"{DRAFT}/signer").content.decode()
    told = {"revision": token(page, "revision"), "former": token(page, "former"), "box": "box-12"}
    return console.post(f"{DRAFT}/signer", told)


def in_force(patient: Patient) -> ContractCarePlan:
    found = plan_in_force(patient)
    assert found is not None
    return found.content


# From a protocol to the box


def test_a_protocol_becomes_a_signed_plan_on_its_way_to_the_box(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console, house_protocol("palliatif").canonical)
    page = console.get(DRAFT).content.decode()
    assert "prêt à signer" in page
    assert "Relaxation\u00a0: la rivière" in page
    assert CarePlan.objects.count() == 0
    assert sign(console).headers["Location"] == PAGE
    plan = in_force(clinic.patient)
    assert plan.activity[0].package.fingerprint == shelf["riviere"].fingerprint
    assert plan.activity[0].duration_s == 1263
    order = Order.objects.get(kind=Order.Kind.PLAN)
    content = clinic.box.order(bytes(order.letter)).content
    assert isinstance(content, PlanOrder)
    assert content.plan == plan
    assert Order.objects.filter(kind=Order.Kind.OFFER).count() == len({one.package.id for one in plan.activity})
    told = console.get(PAGE).content.decode()
    assert "en vigueur" in told
    assert "signé" in told
    assert draft_of(clinic.patient) is None


def test_a_blank_plan_says_what_it_lacks(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console, "blank")
    assert "Aucun soin n’est encore attribué" in console.get(DRAFT).content.decode()
    assert 'name="former"' not in console.get(f"{DRAFT}/signer").content.decode(), "there is nothing to sign"
    console.post(f"{DRAFT}/soins", {"care": [f"package:{shelf['nuit'].fingerprint}"]})
    assert now().activity[0].kind == "sleep"
    assert "Écrivez l’explication" in console.get(DRAFT).content.decode()


def test_styles_are_attributed_together(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console, "blank")
    url = house_protocol("relaxation").canonical
    console.post(f"{DRAFT}/soins", {"care": [f"{url}#jardin", f"{url}#estuaire", f"{url}#jardin"]})
    console.post(f"{DRAFT}/soins", {"care": [f"{url}#jardin"]})
    assert [one.id for one in now().activity] == ["jardin", "estuaire", "jardin-2"]


def test_a_package_that_is_not_on_the_shelf_is_not_attributed(console: Client, clinic: Clinic) -> None:
    begin(console)
    page = console.get(DRAFT).content.decode()
    assert "n’est pas sur l’étagère" in page
    assert "à corriger" in page
    told = console.post(f"{DRAFT}/soins", {"care": [f"{house_protocol('crise').canonical}#ancre"]}).content.decode()
    assert "n’est pas sur l’étagère" in told


def test_a_care_is_changed_for_the_patient(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/soins/riviere")
    assert told["level_dba"] == ["66.0"]
    told |= {
        "title": "Votre rivière", "package": shelf["estuaire"].fingerprint, "level_dba": "60", "level_max_dba": "70",
        "per_day_max": "2", "interval_min": "90", "hours_0_start": "14:00", "hours_0_end": "16:00",
        "explanation": "Un.\n\nDeux.", "advice": "", "start": "2026-12-01", "end": "2026-12-24",
    }  # fmt: skip
    assert console.post(f"{DRAFT}/soins/riviere", told).status_code == 302
    care = now().activity[0]
    assert (care.title, care.package.id, care.level_max_dba) == ("Votre rivière", "estuaire", 70)
    assert care.limits.interval_s_min == 5400
    assert care.limits.hours[0].start == "14:00"
    assert (care.explanation, care.advice) == (("Un.", "Deux."), ())
    assert care.limits.period is not None
    assert opened(console, f"{DRAFT}/soins/riviere") | {"revision": "", "csrfmiddlewaretoken": ""} == {
        **opened(console, f"{DRAFT}/soins/riviere"), "revision": "", "csrfmiddlewaretoken": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "x" * 33, "32"),
        ("title", "\u200b", "Des lettres visibles"),
        ("level_dba", "81", "80"),
        ("level_dba", "79", "plus fort"),
        ("per_day_max", "0", "1"),
        ("interval_min", "99999", "20160"),
        ("hours_0_start", "14:00", "Donnez le début et la fin"),
        ("start", "2026-12-01", "Donnez les deux dates"),
        ("explanation", "", "obligatoire"),
        ("explanation", "x" * 501, "500"),
        ("explanation", "x\n" * 13, "12 paragraphes"),
        ("package", "f" * 64, "choix"),
        ("questionnaire", "urn:x|1", "choix"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    console: Client, clinic: Clinic, shelf: dict[str, Package], field: str, value: str, said: str
) -> None:
    begin(console)
    before = now()
    told = opened(console, f"{DRAFT}/soins/riviere") | {"level_max_dba": "76", field: value}
    page = console.post(f"{DRAFT}/soins/riviere", told).content.decode()
    [block] = re.findall(rf'<div class="field wrong">(?:(?!<div class="field).)*name="{field}"', page, re.DOTALL)
    assert said in block
    assert now() == before


def test_cares_are_ordered_and_taken_out(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    seen = {"revision": "1"}
    console.post(f"{DRAFT}/soins/estuaire/place", {**seen, "act": "up"})
    assert [one.id for one in now().activity] == ["riviere", "estuaire", "jardin"]
    console.post(f"{DRAFT}/soins/jardin/place", {"revision": "2", "act": "out"})
    assert [one.id for one in now().activity] == ["riviere", "estuaire"]
    assert "Le soin dont il s’agit n’est plus dans le plan" in console.get(DRAFT).content.decode()


# The other parts


def test_the_frame_is_changed_and_the_code_is_never_kept(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/cadre")
    told |= {"place": "home", "pharmacy": "Pharmacie du Marché", "code_kind": "pin", "secret": "2580"}
    told |= {"locked": ["messages"], "eyes_closed": "on", "messages": "on"}
    assert console.post(f"{DRAFT}/cadre", told).status_code == 302
    plan = now()
    assert (plan.place, plan.eyes_closed, plan.locked) == ("home", True, ("messages",))
    assert plan.code is not None
    assert not plan.code.secret
    assert plan.code.digest.startswith("$argon2id$")
    kept = opened(console, f"{DRAFT}/cadre")
    assert kept["secret"] == [""]
    console.post(f"{DRAFT}/cadre", kept)
    assert now().code == plan.code, "an empty field leaves the code as it was"
    wrong = console.post(f"{DRAFT}/cadre", kept | {"code_kind": "pictures", "secret": "dragon"}).content.decode()
    assert "3 ou 4 images" in wrong
    none = console.post(f"{DRAFT}/cadre", kept | {"code_kind": ""}).content.decode()
    assert "Donnez d’abord un code" in none


def test_rows_are_added_changed_and_removed(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/questionnaires")
    assert told["rows-TOTAL_FORMS"] == ["1"]
    told |= {"rows-0-title": "Votre semaine", "rows-0-questionnaire": "urn:chevet:questionnaire:suivi-semaine|1"}
    assert console.post(f"{DRAFT}/questionnaires", told).status_code == 302
    [form] = now().forms
    assert (form.id, form.every_days, form.open_days) == ("votre-semaine", 7, 3)
    more = fields(
        console.post(
            f"{DRAFT}/questionnaires", opened(console, f"{DRAFT}/questionnaires") | {"more": "1"}
        ).content.decode()
    )
    assert more["rows-TOTAL_FORMS"] == ["2"]
    assert now().forms == (form,), "a further row is not saved by itself"
    console.post(f"{DRAFT}/questionnaires", more | {"rows-0-title": "La semaine"})
    [form] = now().forms
    assert (form.id, form.title) == ("votre-semaine", "La semaine"), "it keeps its id, so its answers go on"
    console.post(f"{DRAFT}/questionnaires", opened(console, f"{DRAFT}/questionnaires") | {"rows-0-DELETE": "on"})
    assert now().forms == ()


def test_a_rule_is_made_of_what_the_forms_ask(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/besoins")
    told |= {"rows-0-item_0": "douleur", "rows-0-at_least_0": "6", "rows-0-offer": "jardin"}
    told |= {"rows-0-reason": "Votre douleur est forte.", "rows-0-item_1": "angoisse", "rows-0-at_most_1": "3"}
    wrong = console.post(f"{DRAFT}/besoins", told | {"rows-0-risen_by_1": "2"}).content.decode()
    assert "On ne sait qu’après un soin" in wrong
    assert console.post(f"{DRAFT}/besoins", told).status_code == 302
    [rule] = now().needs
    assert [one.item for one in rule.conditions] == ["douleur", "angoisse"]
    assert rule.offer == "jardin"
    page = console.get(DRAFT).content.decode()
    assert "douleur\u00a0: 6 ou plus" in page


def test_following_days_and_lessons(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/suites")
    assert told["rows-0-days"] == ["1"]
    console.post(f"{DRAFT}/suites", told | {"rows-0-days": "3 1,1", "rows-0-respondent": "carer"})
    assert (now().follow_ups[0].days, now().follow_ups[0].respondent) == ((1, 3), "carer")
    assert "1 à 14" in console.post(f"{DRAFT}/suites", told | {"rows-0-days": "0, x"}).content.decode()
    lessons = opened(console, f"{DRAFT}/lecons") | {"lessons": ["urn:chevet:lesson:douleur.fr|1"]}
    console.post(f"{DRAFT}/lecons", lessons)
    [lesson] = now().education
    assert (lesson.title, len(lesson.pages)) == ("La douleur et ses traitements", 8)
    assert lesson.read_back == "urn:chevet:questionnaire:compris-douleur|1"
    assert sign(console).status_code == 302
    assert in_force(clinic.patient).education[0].pages == lesson.pages


# Two at once


def test_the_second_is_told_and_nothing_is_lost(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    paul = practitioner("paul", Role.PHYSICIAN, "Paul")
    join(clinic.patient, paul)
    mine, theirs = (opened(one, f"{DRAFT}/soins/riviere") for one in (console, signed_in(paul)))
    assert signed_in(paul).post(f"{DRAFT}/soins/riviere", theirs | {"level_dba": "50"}).status_code == 302
    answer = console.post(f"{DRAFT}/soins/riviere", mine | {"title": "La belle rivière"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Paul Paul" in page
    assert "50\u00a0dBA" in page, "what the other has changed is said"
    assert "La belle rivière" in page, "what was typed is still there"
    assert now().activity[0].level_dba == 50
    again = fields(page)
    assert console.post(f"{DRAFT}/soins/riviere", again).status_code == 302
    assert (now().activity[0].title, now().activity[0].level_dba) == ("La belle rivière", 66)
    draft = Draft.objects.get()
    assert [content_of(one).activity[0].level_dba for one in draft.revisions.order_by("number")] == [66, 50, 66]


def test_two_who_change_two_parts_both_keep_theirs(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    care, frame = opened(console, f"{DRAFT}/soins/riviere"), opened(console, f"{DRAFT}/cadre")
    assert console.post(f"{DRAFT}/soins/riviere", care | {"title": "Autre"}).status_code == 302
    assert console.post(f"{DRAFT}/cadre", frame | {"place": "home"}).status_code == 302
    assert (now().activity[0].title, now().place) == ("Autre", "home")


def test_a_second_draft_is_not_begun(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    told = console.post(f"{PAGE}/nouveau", {"from": "blank"}).content.decode()
    assert "déjà en préparation" in told
    assert Draft.objects.count() == 1


# Signing


def test_a_draft_that_changed_meanwhile_is_not_signed(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    page = console.get(f"{DRAFT}/signer").content.decode()
    seen = {"revision": token(page, "revision"), "former": token(page, "former"), "box": "box-12"}
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"level_dba": "50"})
    answer = console.post(f"{DRAFT}/signer", seen)
    assert answer.status_code == 409
    assert "a changé depuis que vous l’avez ouvert" in answer.content.decode()
    assert not CarePlan.objects.exists()
    assert sign(console).status_code == 302


def test_a_plan_signed_elsewhere_meanwhile_is_not_replaced_unawares(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    page = console.get(f"{DRAFT}/signer").content.decode()
    seen = {"revision": token(page, "revision"), "former": token(page, "former"), "box": "box-12"}
    from clinic.plans.prescribe import prescribe
    from tests.clinic.test_shared_box import CODED

    prescribe(CODED, clinic.patient, clinic.claire, clinic.device, clinic.pen)
    answer = console.post(f"{DRAFT}/signer", seen)
    assert "Un autre plan a été signé" in answer.content.decode()
    assert CarePlan.objects.count() == 1


def test_only_the_referent_signs_and_stops(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    coordinator = practitioner("coralie", Role.COORDINATING_NURSE)
    join(clinic.patient, coordinator)
    theirs = signed_in(coordinator)
    assert theirs.post(f"{DRAFT}/soins/riviere", opened(theirs, f"{DRAFT}/soins/riviere")).status_code == 302
    assert theirs.get(f"{DRAFT}/signer").status_code == 403
    assert "signer" not in theirs.get(DRAFT).content.decode().lower().replace("prêt à signer", "")
    physician = practitioner("paul", Role.PHYSICIAN)
    join(clinic.patient, physician)
    assert signed_in(physician).post(f"{DRAFT}/signer", {"revision": "1", "former": "0"}).status_code == 404
    sign(console)
    assert theirs.post(f"{PAGE}/arreter").status_code == 403


def test_a_shared_box_wants_a_code(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    from tests.clinic.test_shared_box import resident

    resident(clinic, "leroy")
    begin(console)
    assert "boîte est partagée" in sign(console).content.decode()


def test_a_plan_is_changed_and_its_differences_are_said(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    sign(console)
    [first] = CarePlan.objects.all()
    begin(console, f"version:{first.pk}")
    page = console.get(DRAFT).content.decode()
    assert "Rien ne change pour la personne" in page
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"level_dba": "55"})
    console.post(f"{DRAFT}/soins/jardin/place", {"revision": "2", "act": "out"})
    console.post(f"{DRAFT}/suites", opened(console, f"{DRAFT}/suites") | {"rows-0-DELETE": "on"})
    page = console.get(f"{DRAFT}/signer").content.decode()
    assert "66\u00a0dBA" in page
    assert "55\u00a0dBA" in page
    assert "retiré" in page
    sign(console)
    second = CarePlan.objects.get(version=2)
    told = console.get(f"{PAGE}/versions/{second.pk}").content.decode()
    assert "Ce qui a changé depuis la version 1" in told
    assert "Relaxation\u00a0: le jardin" in told
    assert "remplacé par la version 2" in console.get(f"{PAGE}/versions/{first.pk}").content.decode()


def test_nothing_changes_when_a_plan_is_signed_as_it_was(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console, house_protocol("poussee").canonical)
    console.post(f"{DRAFT}/cadre", opened(console, f"{DRAFT}/cadre") | {"code_kind": "pin", "secret": "2580"})
    sign(console)
    first = in_force(clinic.patient)
    begin(console, f"version:{CarePlan.objects.get().pk}")
    assert sign(console).status_code == 302
    second = in_force(clinic.patient)
    told = {name: getattr(second, name) for name in second.__struct_fields__ if name != "version"}
    assert told == {name: getattr(first, name) for name in first.__struct_fields__ if name != "version"}
    assert second.version == 2


def test_one_signature_stops_the_plan(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    sign(console)
    page = console.get(f"{PAGE}/arreter").content.decode()
    assert console.post(f"{PAGE}/arreter", {"version": "999"}).status_code == 409
    assert plan_in_force(clinic.patient) is not None
    assert console.post(f"{PAGE}/arreter", {"version": token(page, "version")}).status_code == 302
    assert plan_in_force(clinic.patient) is None
    assert Order.objects.filter(kind=Order.Kind.STOP).count() == 1
    assert "arrêté" in console.get(PAGE).content.decode()


# Protocols of the clinic


def test_a_draft_becomes_a_protocol_of_the_clinic_in_versions(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    console.post(f"{DRAFT}/cadre", opened(console, f"{DRAFT}/cadre") | {"code_kind": "pin", "secret": "2580"})
    words = {"title": "Notre soir", "purpose": "Pour les soirs difficiles."}
    first = console.post(f"{DRAFT}/protocole", words).headers["Location"]
    second = console.post(f"{DRAFT}/protocole", words).headers["Location"]
    assert first != second
    page = console.get(second).content.decode()
    assert "Écrit ici par Claire Moreau" in page
    assert "argon2" not in page
    listed = console.get("/protocoles").content.decode()
    assert listed.count("Notre soir") == 1, "the last version alone is offered"
    console.post(f"{DRAFT}/abandonner")
    begin(console, "urn:chevet:maison:plan-definition:notre-soir|2")
    assert now().code is None
    assert [one.id for one in now().activity] == ["riviere", "jardin", "estuaire"]
    console.post("/protocoles/retirer", {"protocol": token(page, "protocol")})
    assert "version</small" not in listed


# Safety of the pages


def test_script_in_every_text_field_is_escaped(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    nasty = '<b onx="1">&"'
    care = opened(console, f"{DRAFT}/soins/riviere") | {"title": nasty, "explanation": NASTY, "advice": NASTY}
    assert console.post(f"{DRAFT}/soins/riviere", care).status_code == 302
    console.post(f"{DRAFT}/cadre", opened(console, f"{DRAFT}/cadre") | {"pharmacy": NASTY})
    told = opened(console, f"{DRAFT}/besoins") | {"rows-0-item_0": "douleur", "rows-0-at_least_0": "6"}
    console.post(f"{DRAFT}/besoins", told | {"rows-0-reason": NASTY})
    form = opened(console, f"{DRAFT}/questionnaires") | {"rows-0-title": nasty}
    console.post(f"{DRAFT}/questionnaires", form | {"rows-0-questionnaire": "urn:chevet:questionnaire:suivi-semaine|1"})
    console.post(f"{DRAFT}/suites", opened(console, f"{DRAFT}/suites") | {"rows-0-title": nasty})
    kept = console.post(f"{DRAFT}/protocole", {"title": NASTY, "purpose": NASTY}).headers["Location"]
    sign_page = f"{DRAFT}/signer"
    pages = [DRAFT, sign_page, *(f"{DRAFT}/{p}" for p in ("cadre", "besoins", "questionnaires", "suites", "lecons"))]
    pages += [f"{DRAFT}/soins", f"{DRAFT}/soins/riviere", f"{PAGE}/nouveau", "/protocoles", kept]
    for path in pages:
        page = console.get(path).content.decode()
        assert "<script>alert" not in page, path
        assert "<b onx" not in page, path
    sign(console)
    begin(console, f"version:{CarePlan.objects.get().pk}")
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"title": "Simple"})
    for path in (PAGE, f"{PAGE}/versions/{CarePlan.objects.get().pk}", DRAFT, sign_page):
        page = console.get(path).content.decode()
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path


def test_no_page_asks_more_than_twelve_queries(
    console: Client, clinic: Clinic, shelf: dict[str, Package], django_assert_max_num_queries: Any
) -> None:
    begin(console, house_protocol("poussee").canonical)
    for _ in range(3):
        sign(console)
        begin(console, f"version:{CarePlan.objects.order_by('-pk')[0].pk}")
    last = CarePlan.objects.order_by("-pk")[0].pk
    own = ("", "/cadre", "/besoins", "/questionnaires", "/suites", "/lecons", "/soins", "/soins/riviere", "/signer")
    for path in [PAGE, f"{PAGE}/versions/{last}", f"{PAGE}/nouveau", *(f"{DRAFT}{one}" for one in own)]:
        with django_assert_max_num_queries(MOST):
            assert console.get(path).status_code == 200, path


MOST = 12


def test_reads_and_writes_are_in_the_trail(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    console.get(DRAFT)
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere"))
    sign(console)
    told = set(AuditEvent.objects.filter(patient="martin").values_list("action", "detail"))
    assert {("write", "plan: begin"), ("read", "plan: draft"), ("write", "plan: a care")} <= told
    assert ("write", "plan: sign") in told
    page = console.get("/patients/martin/lectures").content.decode()
    assert "la signature du plan" in page


def test_a_day_that_is_over_is_not_signed(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    past = timezone.localdate() - dt.timedelta(days=1)
    told = opened(console, f"{DRAFT}/cadre") | {"start": str(past - dt.timedelta(days=9)), "end": str(past)}
    console.post(f"{DRAFT}/cadre", told)
    assert "Le dernier jour du plan est passé" in console.get(DRAFT).content.decode()


# On the box's screen


def pictures(page: str) -> list[str]:
    return re.findall(r'<img src="([^"]+\.png)"', page)


def test_the_draft_is_shown_as_the_box_will_show_it(
    console: Client, clinic: Clinic, shelf: dict[str, Package], settings: Any
) -> None:
    begin(console)
    shown = pictures(console.get(DRAFT).content.decode())
    assert len(shown) == 1 + 3 + 2, "home, three cares, two forms"
    first = [console.get(address) for address in shown[:3]]
    assert {answer.headers["Content-Type"] for answer in first} == {"image/png"}
    assert all(answer.content.startswith(b"\x89PNG") for answer in first)
    kept = list((settings.HOME.previews).glob("*/*.png"))
    assert len(kept) == len(shown), "one run drew them all"
    times = {path: path.stat().st_mtime_ns for path in kept}
    assert console.get(shown[3]).status_code == 200
    assert {path: path.stat().st_mtime_ns for path in kept} == times, "and they are kept"
    care = opened(console, f"{DRAFT}/soins/riviere") | {"title": "Une autre rivière"}
    console.post(f"{DRAFT}/soins/riviere", care)
    other = console.get(pictures(console.get(DRAFT).content.decode())[1])
    assert other.content != first[1].content
    assert console.get(f"{DRAFT}/ecran/..%2Fhome.png").status_code == 404
    sign(console)
    version = CarePlan.objects.get()
    signed = pictures(console.get(f"{PAGE}/versions/{version.pk}").content.decode())
    assert console.get(signed[1]).content == other.content


def test_what_cannot_be_drawn_is_told(
    console: Client, clinic: Clinic, shelf: dict[str, Package], tmp_path: Any, settings: Any
) -> None:
    from clinic.console.plans.preview import PreviewError, as_shown, picture

    begin(console, "blank")
    assert "L’aperçu vient quand tout est complet" in console.get(DRAFT).content.decode()
    console.post(f"{DRAFT}/abandonner")
    begin(console)
    shown = as_shown(now(), "Madame Martin")
    assert shown is not None
    with pytest.raises(PreviewError, match="screens of this plan"):
        picture(settings.HOME, shown, "no-such-screen", [])


def test_each_step_of_a_version_is_shown_with_its_time(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console)
    sign(console)
    order = Order.objects.get(kind=Order.Kind.PLAN)
    assert "pas encore" in console.get(PAGE).content.decode()
    mark_sent(order.digest, T0_MS)
    clinic.receive(clinic.box.report(OrderReceived(order=order.order, accepted=True)), at_ms=T0_MS + 60_000)
    page = console.get(PAGE).content.decode()
    steps = re.findall(r'<li class="(\w+)"><b>([^<]*)</b><small>([^<]*)', page)
    assert [(kind, words) for kind, words, _ in steps] == [
        ("done", "signé"), ("done", "envoyé"), ("done", "reçu par la boîte"),
        ("todo", "appliqué\u00a0: premier retour de la boîte"),
    ]  # fmt: skip
    clinic.receive(clinic.box.report(evaluation("before", (1, 2, 3, 4, 5))), at_ms=T0_MS + 120_000)
    applied = re.findall(r'<li class="done"><b>appliqué[^<]*</b><small>([^<]*)', console.get(PAGE).content.decode())
    assert [one.replace("\u00a0", " ") for one in applied] == ["21 nov. 2025 à 15 h 07"]


def test_a_plan_that_the_box_refused_says_why(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    begin(console)
    sign(console)
    order = Order.objects.get(kind=Order.Kind.PLAN)
    refused = OrderReceived(order=order.order, accepted=False, reason="no such form")
    clinic.receive(clinic.box.report(refused), at_ms=T0_MS)
    page = console.get(PAGE).content.decode()
    assert "refusé par la boîte" in page
    assert "no such form" in page
    assert "appliqué" not in page


@pytest.mark.parametrize("told", ["blank\0", "x|\0", "version:9\0", "version:" + "9" * 30, "", "\0|1", "a" * 9000])
def test_a_beginning_that_is_none_begins_nothing(console: Client, clinic: Clinic, told: str) -> None:
    assert console.post(f"{PAGE}/nouveau", {"from": told}).status_code in (200, 404)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("told", ["package:\0", "package:" + "f" * 64, "x#y", "", "urn:x|1#\0"])
def test_a_care_that_is_none_is_not_attributed(
    console: Client, clinic: Clinic, shelf: dict[str, Package], told: str
) -> None:
    begin(console, "blank")
    assert console.post(f"{DRAFT}/soins", {"care": [told]}).status_code == 200
    assert now().activity == ()


@pytest.mark.parametrize("total", ["", "-1", "x", "1000", "9" * 40])
@pytest.mark.parametrize("more", [{}, {"more": "1"}])
def test_rows_that_no_page_sent_change_nothing(
    console: Client, clinic: Clinic, shelf: dict[str, Package], total: str, more: dict[str, str]
) -> None:
    begin(console)
    told = {"revision": "1", "rows-TOTAL_FORMS": total, "rows-INITIAL_FORMS": "0", **more}
    assert console.post(f"{DRAFT}/questionnaires", told).status_code in (200, 302)
    assert now().forms == ()


@pytest.mark.parametrize("seen", ["", "0", "9", "-1", "9" * 30, "²"])
def test_a_revision_that_nobody_saw_changes_nothing(
    console: Client, clinic: Clinic, shelf: dict[str, Package], seen: str
) -> None:
    begin(console)
    told = opened(console, f"{DRAFT}/soins/riviere") | {"revision": seen, "title": "Autre"}
    assert console.post(f"{DRAFT}/soins/riviere", told).status_code == 404
    assert console.post(f"{DRAFT}/signer", {"revision": seen, "former": "0", "box": "box-12"}).status_code == 409
    assert Draft.objects.get().revision == 1
    assert not CarePlan.objects.exists()
