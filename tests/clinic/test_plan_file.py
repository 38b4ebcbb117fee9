"""What a plan's file may hold: everything that the box can do; each refusal with its line and its remedy."""

import json
import re
from pathlib import Path

import pytest

from clinic.plans.demonstration import demonstration_plan
from clinic.plans.forms import house_form, house_forms
from clinic.plans.lessons import house_lesson, house_lessons
from clinic.plans.plan_file import care_plan, read
from mqtt_bridge import seal
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, encode
from mqtt_bridge.contract.forms import Coding, answered
from mqtt_bridge.contract.identity import Patient, Practitioner
from mqtt_bridge.contract.questions import Scale, enabled, screens

FOLDER = Path(__file__).parents[2] / "clinic" / "plans"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The demonstration's plan, beside the manifest that it names."""
    (tmp_path / "manifest.toml").write_text("title = 'rivière'")
    (tmp_path / "plan.toml").write_text(written())
    return tmp_path / "plan.toml"


def written() -> str:
    return demonstration_plan(
        start="2025-11-21", end="2099-02-21", package="riviere", manifest="manifest.toml", duration_s=60
    )


def signed(file: Path) -> CarePlan:
    told = Patient(id="martin", address_as="Madame Martin")
    return care_plan(read(file), "plan-martin", 1, told, Practitioner(given="Claire", role="infirmière"))


def refused(file: Path, old: str, new: str) -> str:
    raw = file.read_text()
    assert raw.count(old) >= 1, old
    file.write_text(raw.replace(old, new, 1))
    with pytest.raises(ContractError) as caught:
        read(file)
    return str(caught.value)


def test_the_demonstration_uses_all_that_a_plan_may_hold(file: Path) -> None:
    plan = signed(file)
    empty = {"id", "version", "patient", "place", "period", "requester", "sensitive", "eyes_closed", "still"}
    assert [name for name in CarePlan.__struct_fields__ if not getattr(plan, name) and name not in empty] == []
    assert [request.limits.per_day_max for request in plan.activity] == [None, None, 2]
    assert [form.about_relative for form in plan.forms] == [False, False, True, False]
    assert len(encode(plan)) < BYTES_MAX // 4, "several of them must fit in one order"


def test_a_code_is_kept_as_its_digest_alone(file: Path) -> None:
    plan = signed(file)
    assert plan.code is not None
    assert plan.code.length == 4
    assert seal.code_matches(plan.code.digest, "2580")
    assert b"2580" not in encode(plan)


@pytest.mark.parametrize(
    ("said", "kept"), [("soleil chat Clé", "sun cat key"), ("sun cat key boat", "sun cat key boat")]
)
def test_a_picture_code_is_said_in_french_or_by_its_ids(file: Path, said: str, kept: str) -> None:
    file.write_text(file.read_text().replace('kind = "pin"', 'kind = "pictures"').replace("2580", said))
    plan = signed(file)
    assert plan.code is not None
    assert plan.code.length == len(kept.split())
    assert seal.code_matches(plan.code.digest, kept)


def test_a_code_that_is_left_out_is_asked_for(file: Path) -> None:
    file.write_text(file.read_text().replace('secret = "2580"\n', ""))
    asked: list[str] = []

    def ask(kind: str) -> str:
        asked.append(kind)
        return "1357"

    assert read(file, ask).code is not None
    assert asked == ["pin"]
    with pytest.raises(ContractError, match="secret"):
        read(file)


REFUSALS = [
    ('kind = "crisis"', 'kind = "disco"', "crisis, education, mediation, relaxation"),
    ('title = "Pour la nuit"', f'title = "{"x" * 33}"', "1 to 32 characters"),
    ('title = "Votre semaine"', f'title = "{"x" * 33}"', "1 to 32 characters"),
    ('title = "Depuis votre soin"', f'title = "{"x" * 33}"', "at most 32 stand on a tile"),
    ('title = "Pour la nuit"', 'title = " "', "1 to 32 characters"),
    ("per_day_max = 2", "per_day_max = 0", "a whole number from 1 to 24"),
    ('start = "19:30"', 'start = "25:30"', "a time of day, as 21:30"),
    ('offer = "apaiser"', 'offer = "voler"', "the plan prescribes"),
    ("at_least = 7", "at_least = 11", "a whole number from 0 to 10"),
    ('purpose = "adherence"', 'purpose = "curiosity"', "adherence, caregiver, monitoring"),
    ("every_days = 7", "every_days = 0", "a whole number from 1 to 366"),
    ('questionnaire = "suivi-semaine.fr"', 'questionnaire = "rien.fr"', "the house has"),
    ('questionnaire = "sommeil.fr"', 'questionnaire = "absent.json"', "absent.json"),
    ('requests = ["nuit"]', 'requests = ["jour"]', "the plan prescribes"),
    ("days = [1, 3]", "days = [0]", "a whole number from 1 to 14"),
    ('lesson = "sommeil.fr"', 'lesson = "cuisine.fr"', "cuisine.fr"),
    ('secret = "2580"', 'secret = "12"', "4 to 6 digits"),
    ('locked = ["messages", "garden"]', 'locked = ["everything"]', "answers, care, garden, messages"),
    ("messages = true", 'messages = "yes"', "true or false"),
    ('name = "Pharmacie du Marché"', 'name = ""', "1 to 90 characters"),
    ("level_dba = 66.0", "level_dba = 90.0", "level_dba"),
    ("[[needs]]", "surprise = 1\n[[needs]]", "surprise"),
    ('place = "establishment"', "place = ", "line"),
]


@pytest.mark.parametrize(("old", "new", "word"), REFUSALS, ids=[new for _, new, _ in REFUSALS])
def test_a_refusal_names_what_is_allowed(file: Path, old: str, new: str, word: str) -> None:
    told = refused(file, old, new)
    assert str(file) in told
    assert word in told, told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        case[:2]
        for case in REFUSALS
        if case[0].split(" ")[0] in {"kind", "title", "every_days", "purpose", "messages"} and "tile" not in case[2]
    ],
)
def test_a_refusal_names_its_line(file: Path, old: str, new: str) -> None:
    told = refused(file, old, new)
    line = 1 + next(n for n, text in enumerate(file.read_text().splitlines()) if new in text)
    assert f"line {line}:" in told, told


def test_a_rule_of_the_contract_names_the_line_of_what_it_speaks_of(file: Path) -> None:
    told = refused(file, 'offer = "apaiser"', 'offer = "voler"')
    line = int(re.search(r"line (\d+)", told).group(1))  # type: ignore[union-attr]
    assert "angoisse-forte" in "\n".join(file.read_text().splitlines()[line - 1 : line + 3])


def test_a_fhir_questionnaire_is_imported_by_its_path(file: Path) -> None:
    own = {
        "resourceType": "Questionnaire", "id": "x", "meta": {"versionId": "1"}, "url": "http://clinique.example/q",
        "version": "3", "name": "Notre", "title": "Notre formulaire", "status": "active", "language": "fr",
        "publisher": "Clinique", "item": [{"linkId": "a", "type": "boolean", "text": "Ça va ?", "prefix": "1."}],
    }  # fmt: skip
    (file.parent / "notre.json").write_text(json.dumps(own))
    file.write_text(file.read_text().replace('questionnaire = "satisfaction.fr"', 'questionnaire = "notre.json"'))
    plan = signed(file)
    assert plan.forms[3].questionnaire == "http://clinique.example/q|3"
    own["item"] = [{"linkId": "a", "type": "quantity", "text": "Poids ?"}]
    (file.parent / "notre.json").write_text(json.dumps(own))
    with pytest.raises(ContractError, match="quantity"):
        read(file)


def test_a_form_of_200_items_is_refused(file: Path) -> None:
    items = [{"linkId": f"i{n}", "type": "boolean", "text": "Oui ?"} for n in range(200)]
    own = {
        "resourceType": "Questionnaire", "url": "urn:x", "version": "1", "title": "X", "status": "active",
        "language": "fr", "item": items,
    }  # fmt: skip
    (file.parent / "notre.json").write_text(json.dumps(own))
    assert "60" in refused(file, 'questionnaire = "satisfaction.fr"', 'questionnaire = "notre.json"')


def test_a_script_in_a_lesson_travels_as_the_text_that_it_is(file: Path) -> None:
    lesson = 'version = 1\ntitle = "T"\n[[page]]\nheading = "H"\ntext = "<script>alert(1)</script>"\n'
    (file.parent / "l.toml").write_text(lesson)
    file.write_text(file.read_text().replace('lesson = "sommeil.fr"', 'lesson = "l.toml"'))
    assert signed(file).education[1].pages[0].text == "<script>alert(1)</script>"


def test_json_has_the_same_shape(tmp_path: Path) -> None:
    activity = {
        "id": "a", "title": "A", "kind": "sleep", "duration_s": 60, "explanation": ["x"],
        "package": {"id": "a", "fingerprint": "0" * 64},
    }  # fmt: skip
    plan = {"period": {"start": "2025-01-01", "end": "2099-01-01"}, "activity": [activity]}
    (tmp_path / "p.json").write_text(json.dumps(plan))
    assert signed(tmp_path / "p.json").activity[0].kind == "sleep"
    (tmp_path / "p.json").write_text(json.dumps({**plan, "activity": [{**activity, "kind": "disco"}]}))
    with pytest.raises(ContractError, match=r"activity\[0\].kind.*relaxation"):
        read(tmp_path / "p.json")


def test_the_five_cones_are_what_was_signed_before(file: Path) -> None:
    """Its version is still 1: a form that changes takes another."""
    import hashlib

    digest = hashlib.sha256(encode(house_form())).hexdigest()
    assert digest == "92f817b0ad3ca5caabe70f27e24850f379167df913f5105f53ed503ea9238edd"


@pytest.mark.parametrize("name", house_forms())
def test_every_form_of_the_house_can_be_asked(name: str) -> None:
    form = house_form(name)
    assert 4 <= len(screens(form)) <= 15
    assert form.url == f"urn:chevet:questionnaire:{name.removesuffix('.fr')}"


def test_a_reason_is_asked_only_of_who_forgot() -> None:
    form = house_form("traitement-pris.fr")
    [reason] = [one for one in screens(form) if one.question.link_id == "raison"]
    assert not enabled(reason, {"jours-oublies": answered("jours-oublies", 0)})
    assert enabled(reason, {"jours-oublies": answered("jours-oublies", 2)})
    week = house_form("suivi-semaine.fr")
    [vomited] = [one for one in screens(week) if one.question.link_id == "vomi"]
    never = Coding(system=week.url, code="nausee.0", display="Jamais")
    assert not enabled(vomited, {"nausee": answered("nausee", never)})
    assert enabled(vomited, {"nausee": answered("nausee", Coding(system=week.url, code="nausee.2"))})


@pytest.mark.parametrize("name", house_lessons())
def test_every_lesson_of_the_house_is_read_back(name: str) -> None:
    lesson = house_lesson(name)
    assert lesson.read_back in house_forms()
    assert all(page.picture for page in lesson.page)
    assert max(len(page.text) for page in lesson.page) < 260, "one screen, in large letters"


def test_french_typography() -> None:
    for path in [*FOLDER.glob("*.toml"), *FOLDER.glob("*/*.toml")]:
        lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
        words = " ".join(word for line in lines for word in re.findall(r'"([^"]*)"', line) if " " in word)
        assert not re.findall(r"[^\u202f][?!;]|[^\u00a0]:|'|« | »", words), path


def test_words_are_addressed_to_every_gender() -> None:
    """Of the person who answers nothing is presumed: « de la fatigue », not « fatigué »."""
    said = " ".join(path.read_text() for path in [*FOLDER.glob("forms/*.toml"), *FOLDER.glob("lessons/*.toml")])
    assert not re.findall(r"(?i)(?:êtes|étiez)-vous \w+é\b|vous êtes \w+é\b", said)


@pytest.mark.parametrize("name", sorted(house_forms()))
def test_the_best_answer_has_the_best_face(name: str) -> None:
    """« Très bien » under a face in pain, or in the colour of the worst pain, is an answer turned round."""
    best = ("bien", "bon", "facile", "calme", "détendu", "assez", "tout à fait", "presque tout", "comme d’habitude")
    for asked in screens(house_form(name)):
        if isinstance(asked.question, Scale) and asked.question.options[-1].text.lower().endswith(best):
            assert asked.question.ramp == "pleasant", asked.question.link_id
