"""Questionnaires and lessons of the clinic: written, imported, exported, published, and prescribed (A11, C3)."""

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from msgspec.structs import replace

from clinic.audit.models import AuditEvent
from clinic.people.models import Role
from clinic.plans.forms import house_form, house_forms
from clinic.plans.forms.editing import as_shorthand
from clinic.plans.library import form_named, lesson_named
from clinic.plans.models import CanonicalResource
from clinic.shelf.models import Package
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.questions import enabled, screens
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, begin, fields, in_force, now, opened, shelf, sign, token

pytestmark = pytest.mark.django_db(databases=["default", "audit"])
NASTY = "<script>alert(1)</script>"
ITEM: dict[str, Any] = {"help": "", "heading": "", "options": "", "words": "", "when": "", "number": ""}
USED = (shelf,)


def draft_page(console: Client, title: str = "Votre journée") -> str:
    place: str = console.post("/questionnaires", {"title": title}).headers["Location"]
    return place


def add(console: Client, page: str, **told: Any) -> Any:
    revision = token(console.get(page).content.decode(), "revision")
    given = {**ITEM, "first": "0", "last": "10", "ramp": "intense", "revision": revision, **told}
    return console.post(f"{page}/questions/nouvelle", given)


def publish(console: Client, page: str) -> str:
    revision = token(console.get(page).content.decode(), "revision")
    place: str = console.post(page, {"act": "publish", "revision": revision}).headers["Location"]
    return place


def written(console: Client) -> str:
    """A form with a question of each kind, published; its canonical."""
    page = draft_page(console)
    add(console, page, kind="words", question="Pensez à la journée d’hier.")
    add(console, page, kind="yes-no", question="Êtes-vous sorti de votre chambre ?", heading="La journée")
    sorti = CanonicalResource.objects.get()
    name = json.loads(bytes(sorti.editing))["item"][1]["id"]
    add(console, page, kind="number", question="Combien de fois ?", when=f"{name}|yes", last="20", heading="La journée")
    add(console, page, kind="choice", question="Où ?", options="Au jardin\nÀ la salle\nAilleurs")
    add(
        console,
        page,
        kind="verbal",
        question="Était-ce bien ?",
        options="Pas du tout\nUn peu\nBeaucoup",
        ramp="pleasant",
    )
    add(console, page, kind="faces", question="Et maintenant ?", options="Mal\nBien", ramp="pleasant")
    add(console, page, kind="cone", question="Avez-vous mal ?", words="Rien\nUn peu\nMoyen\nFort\nTrès fort")
    add(console, page, kind="text", question="Un mot ?")
    shown = publish(console, page)
    return shown.split("nom=")[1].replace("%3A", ":").replace("%7C", "|")


def test_a_form_is_written_question_by_question_and_published(console: Client, clinic: Clinic) -> None:
    canonical = written(console)
    form = form_named(canonical)
    asked = screens(form)
    kinds = [type(one.question).__name__ for one in asked]
    assert kinds == ["Information", "YesNo", "WholeNumber", "Choice", "Scale", "Scale", "Cone", "FreeText"]
    assert asked[1].heading == "La journée"
    assert not enabled(asked[2], {})
    kept = CanonicalResource.objects.get()
    assert (kept.status, kept.version) == ("active", "1")
    assert console.get(f"/questionnaires/{kept.pk}").status_code == 404, "what is published is changed no more"
    assert console.post(f"/questionnaires/{kept.pk}", {"act": "forget", "revision": "9"}).status_code == 404
    told = AuditEvent.objects.filter(detail__startswith="questionnaire").values_list("detail", flat=True)
    assert f"questionnaire published: {canonical}" in set(told)


def test_it_is_drawn_as_the_box_asks_it(console: Client, clinic: Clinic) -> None:
    canonical = written(console)
    page = console.get("/questionnaires/voir", {"nom": canonical}).content.decode()
    assert page.count('<img src="/questionnaires/ecran/') == 8
    first = console.get("/questionnaires/ecran/0.png", {"nom": canonical})
    assert first.content.startswith(b"\x89PNG")
    assert console.get("/questionnaires/ecran/8.png", {"nom": canonical}).status_code == 404


def test_a_published_form_is_asked_by_a_plan_and_another_version_leaves_it(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    canonical = written(console)
    begin(console)
    console.post(f"{DRAFT}/soins/riviere", opened(console, f"{DRAFT}/soins/riviere") | {"questionnaire": canonical})
    assert now().activity[0].questionnaire == canonical
    assert sign(console).status_code == 302
    carried = {form.canonical: form for form in in_force(clinic.patient).questionnaires}
    assert carried[canonical] == form_named(canonical)
    page = console.post("/questionnaires/copier", {"nom": canonical}).headers["Location"]
    add(console, page, kind="text", question="Encore un mot ?")
    second = publish(console, page)
    assert "%7C2" in second
    assert form_named(canonical) == carried[canonical]
    console.post(f"/questionnaires/{CanonicalResource.objects.get(version='1').pk}/retirer")
    assert form_named(canonical) == carried[canonical], "retired, and still what the plan names"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"kind": "verbal", "options": "Un"}, "De 2 à 7 réponses"),
        ({"kind": "verbal", "options": "a\nb\nc\nd\ne\nf\n" + "g" * 17}, "16 lettres"),
        ({"kind": "choice", "options": "a\na"}, "toutes différentes"),
        ({"kind": "cone", "words": "a\nb"}, "Cinq lignes"),
        ({"kind": "number", "first": "5", "last": "5"}, "Plus grand que"),
        ({"kind": "text", "question": "x" * 91}, "90"),
        ({"kind": "text", "question": ""}, "obligatoire"),
        ({"kind": "text", "when": "nobody|yes"}, "choix"),
    ],
)
def test_what_the_panel_cannot_show_is_refused_beside_its_field(
    console: Client, clinic: Clinic, told: dict[str, str], said: str
) -> None:
    page = draft_page(console)
    answer = add(console, page, **{"question": "Comment ?", **told})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert CanonicalResource.objects.get().document == b""


def test_what_keeps_a_draft_from_the_box_is_told_with_its_remedy(console: Client, clinic: Clinic) -> None:
    page = draft_page(console)
    add(console, page, kind="words", question="Pensez à hier.")
    assert "Ajoutez une question qui a une réponse." in console.get(page).content.decode()
    add(console, page, kind="yes-no", question="Sorti ?")
    _, sorti = json.loads(bytes(CanonicalResource.objects.get().editing))["item"]
    add(console, page, kind="choice", question="Avec qui ?", options="Seul\nÀ deux", when=f"{sorti['id']}|yes")
    assert "ne peut pas encore" not in console.get(page).content.decode()
    _, _, who = json.loads(bytes(CanonicalResource.objects.get().editing))["item"]
    add(console, page, kind="text", question="Un mot ?", when=f"{who['id']}|={next(iter(who['options']))}")

    def act(name: str) -> str:
        revision = token(console.get(page).content.decode(), "revision")
        console.post(page, {"act": name, "revision": revision})
        return console.get(page).content.decode()

    after = act(f"up:{who['id']}")
    assert "« Avec qui ? » dépend de « Sorti ? », posée après elle" in re.sub("[\u00a0\u202f]", " ", after)
    gone = act(f"out:{sorti['id']}")
    assert "dépend d’une question qui n’est plus là" in gone
    assert '<p lang="en">item ' in gone, "the contract's own sentence, folded, for a technician"
    changed = fields(console.get(f"{page}/questions/{who['id']}").content.decode())
    console.post(f"{page}/questions/{who['id']}", changed | {"options": "En famille\nAvec un soignant", "when": ""})
    assert "dépend d’une réponse que" in console.get(page).content.decode()


def test_two_who_write_one_form_are_told(console: Client, clinic: Clinic) -> None:
    page = draft_page(console)
    add(console, page, kind="text", question="Première ?")
    stale = add(console, page, kind="text", question="Seconde ?", revision="1")
    assert stale.status_code == 409
    assert "Votre saisie est encore là" in stale.content.decode()
    assert "Seconde" in stale.content.decode()
    again = console.post(f"{page}/questions/nouvelle", fields(stale.content.decode()))
    assert again.status_code == 302
    assert console.post(page, {"act": "publish", "revision": "1"}).status_code == 409


@pytest.mark.parametrize("name", house_forms())
def test_each_form_of_the_house_goes_out_and_comes_back_the_same(console: Client, clinic: Clinic, name: str) -> None:
    form = house_form(name)
    out = console.get("/questionnaires/fhir", {"nom": form.canonical})
    assert out.json()["resourceType"] == "Questionnaire"
    short = as_shorthand(form)
    assert short is not None, "every form of the house can be changed here"
    elsewhere = out.content.replace(form.url.encode(), b"urn:ailleurs:form")
    answer = console.post("/questionnaires", {"file": SimpleUploadedFile("f.json", elsewhere)})
    assert answer.headers["Location"].startswith("/questionnaires/")
    kept = CanonicalResource.objects.get()
    assert bytes(kept.imported) == elsewhere
    assert kept.editing
    publish(console, f"/questionnaires/{kept.pk}")
    again = console.get("/questionnaires/fhir", {"nom": "urn:ailleurs:form|1"}).json()
    assert again == json.loads(elsewhere)


def test_a_form_that_the_editor_cannot_write_is_kept_as_it_came(console: Client, clinic: Clinic) -> None:
    told = json.loads(encode(house_form("sommeil.fr")))
    told["url"], told["item"][0]["linkId"] = "urn:ailleurs:x", "a/b"
    console.post("/questionnaires", {"file": SimpleUploadedFile("f.json", json.dumps(told).encode())})
    kept = CanonicalResource.objects.get()
    assert not kept.editing
    page = f"/questionnaires/{kept.pk}"
    assert "gardé tel quel" in console.get(page).content.decode()
    assert console.get(f"{page}/questions/nouvelle").status_code == 404
    assert publish(console, page)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"resourceType":"Patient"}', b"{" * 100_000, b"x" * 300_000]
)
def test_what_is_no_form_is_refused_with_its_reason(console: Client, clinic: Clinic, raw: bytes) -> None:
    answer = console.post("/questionnaires", {"file": SimpleUploadedFile("f.json", raw or b" ")})
    assert answer.status_code == 200
    assert "La boîte ne peut pas poser ce questionnaire" in answer.content.decode()
    assert not CanonicalResource.objects.exists()


# Lessons


def lesson_fields(console: Client, page: str, **told: str) -> dict[str, Any]:
    return fields(console.get(page).content.decode()) | {"act": "save"} | told


def test_a_lesson_is_written_published_and_prescribed(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    page = console.post("/lecons", {"title": "Bien boire"}).headers["Location"]
    told = lesson_fields(console, page) | {"rows-0-heading": "Un verre", "rows-0-text": "Buvez un verre."}
    told |= {"rows-0-picture": "water", "read_back": "urn:chevet:questionnaire:compris-sommeil|1"}
    assert console.post(page, told).status_code == 302
    more = console.post(page, lesson_fields(console, page, act="more")).content.decode()
    told = fields(more) | {
        "act": "publish",
        "rows-1-heading": "Encore",
        "rows-1-text": "Et un autre.",
        "rows-1-picture": "",
    }
    shown = console.post(page, told).headers["Location"]
    canonical = "urn:chevet:maison:lesson:bien-boire|1"
    lesson = lesson_named(canonical)
    assert [one.heading for one in lesson.page] == ["Un verre", "Encore"]
    assert "Buvez un verre" in console.get(shown).content.decode()
    assert console.get("/lecons/ecran/0.png", {"nom": canonical}).content.startswith(b"\x89PNG")
    assert console.get(page).status_code == 404
    begin(console)
    console.post(f"{DRAFT}/lecons", opened(console, f"{DRAFT}/lecons") | {"lessons": [canonical]})
    sign(console)
    [taught] = in_force(clinic.patient).education
    assert (taught.title, taught.version, taught.pages) == ("Bien boire", 1, lesson.page)
    copy = console.post("/lecons/copier", {"nom": canonical}).headers["Location"]
    console.post(copy, lesson_fields(console, copy, act="publish", title="Bien boire, mieux"))
    assert lesson_named("urn:chevet:maison:lesson:bien-boire|2").title == "Bien boire, mieux"
    assert lesson_named(canonical) == lesson


def test_script_in_a_form_and_in_a_lesson_is_escaped(console: Client, clinic: Clinic) -> None:
    page = draft_page(console, NASTY)
    add(console, page, kind="choice", question=NASTY, help=NASTY, heading=NASTY[:39], options=f"{NASTY}\nNon")
    lesson = console.post("/lecons", {"title": NASTY}).headers["Location"]
    told = lesson_fields(console, lesson) | {"rows-0-heading": NASTY, "rows-0-text": NASTY}
    console.post(lesson, told)
    for path in (page, f"{page}/questions/nouvelle", "/questionnaires", "/lecons", lesson):
        answer = console.get(path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode(), path


def test_who_may_not_write_reads(console: Client, clinic: Clinic) -> None:
    canonical = written(console)
    client = signed_in(practitioner("coralie", Role.COORDINATING_NURSE))
    assert "Nouveau questionnaire" not in client.get("/questionnaires").content.decode()
    assert client.post("/questionnaires", {"title": "x"}).status_code == 404
    assert client.post("/lecons", {"title": "x"}).status_code == 404
    assert client.get("/questionnaires/voir", {"nom": canonical}).status_code == 200
    assert client.post("/questionnaires/copier", {"nom": canonical}).status_code == 403


def test_nothing_from_elsewhere_bears_the_name_of_one_of_the_house(console: Client, clinic: Clinic) -> None:
    house = house_form("sommeil.fr")
    for told in (house, replace(house, version="2"), replace(house, title="Autre chose")):
        answer = console.post("/questionnaires", {"file": SimpleUploadedFile("f.json", encode(told))})
        assert "celle d’un document de la maison" in answer.content.decode()
    assert not CanonicalResource.objects.exists()
    assert "Votre nuit" in console.get("/questionnaires").content.decode()


@pytest.mark.parametrize("page", ["/questionnaires/voir", "/lecons/voir"])
def test_without_a_name_the_list_is_shown(console: Client, clinic: Clinic, page: str) -> None:
    assert "Bibliothèque" in console.get(page).content.decode()
    assert console.get(f"{page}?nom=rien").status_code == 404
    assert console.post(page).status_code == 405
