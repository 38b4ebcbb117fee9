"""What must not reach a bed is refused at the clinic's command, in one line; what passes is shown by the box, whole.

The orders go as they go: signed by the command, kept by the clinic, opened with the box's own keys.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kiosk.journey.views import ChoosingView, HomeView, LessonView, TextView
from kiosk.screen.painter import Painter
from kiosk.shell.orders import read_order
from mqtt_bridge import enrolment
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.order import PlanOrder, check_plans
from mqtt_bridge.link.reading import KeptOrder
from tests.clinic.parts import PASSWORD
from tests.support.journey import Walker

NAME = "مريم بنت علي"
EMOJI = "👵🏽 Le soir : « calme » ?"
SCRIPT = "<script>alert('bonjour')</script> {name} %s"
LONG = ("Respirez doucement, aussi longtemps que vous le voulez. " * 10)[:500].strip()
RUN = """
import contextlib, io, json, sys
from clinic.cli import main
for words in json.load(sys.stdin):
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        code = main(words)
    letter, serial = "", 0
    if words[0] == "prescribe":
        from clinic.plans.models import Order
        last = Order.objects.filter(kind="plan").order_by("serial").last()
        letter, serial = (bytes(last.letter).hex(), last.serial) if last else ("", 0)
    print(json.dumps([code, told.getvalue(), letter, serial]))
"""


def care(number: int = 0, **fields: Any) -> dict[str, Any]:
    made = {"id": f"soin-{number}", "title": f"Soin {number}", "kind": "relaxation", "duration_s": 60}
    return {**made, "explanation": ["x"], "package": {"id": "riviere", "fingerprint": "0" * 64}, **fields}


def asked(*items: dict[str, Any]) -> dict[str, Any]:
    head = {"resourceType": "Questionnaire", "url": "urn:x", "version": "1", "title": "X", "status": "active"}
    return {**head, "language": "fr", "item": list(items)}


def item(number: int = 0, kind: str = "boolean", **fields: Any) -> dict[str, Any]:
    return {"linkId": f"q{number}", "type": kind, "text": f"Question {number} ?", **fields}


def choice(words: str) -> dict[str, Any]:
    said = ({"system": "urn:x", "code": str(n), "display": one} for n, one in enumerate((words, "Non")))
    return item(0, "choice", answerOption=[{"valueCoding": one} for one in said])


def plan(*cares: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"period": {"start": "2025-01-01", "end": "2099-01-01"}, "activity": list(cares), **fields}


def lesson(**page: str) -> dict[str, Any]:
    return {"id": "l", "title": EMOJI, "pages": [{"heading": "H", "text": "x", **page}]}


def prescribed(form: dict[str, Any]) -> dict[str, Any]:
    return plan(care(), questionnaires=[form])


REFUSED = {
    "nothing": ({}, "period"),
    "an empty plan": (plan(), "1 to 40 of them"),
    "41 cares": (plan(*map(care, range(41))), "1 to 40 of them"),
    "40 cares of 24 pages": (
        plan(*(care(n, explanation=[LONG] * 12, advice=[LONG] * 12) for n in range(40))),
        "at most 262144",
    ),
    "a title of 5,000": (plan(care(title="x" * 5000)), "1 to 32 characters"),
    "a title that nobody sees": (plan(care(title="\u200b \u202e")), "1 to 32 characters"),
    "a paragraph of 5,000": (plan(care(explanation=["x" * 5000])), "1 to 500 characters"),
    "half an emoji": (plan(care(title="\ud83d")), "surrogate"),
    "200 items": (prescribed(asked(*map(item, range(200)))), "at most 60"),
    "an unknown type": (prescribed(asked(item(0, "quantity"))), "allowed: boolean, choice, display"),
    "a question of 5,000": (prescribed(asked(item(text="x" * 5000))), "1 to 90 characters"),
    "words to read of 5,000": (prescribed(asked(item(), item(1, "display", text="x" * 5000))), "1 to 90 characters"),
    "an answer of 5,000": (prescribed(asked(choice("x" * 5000))), "at most 45"),
    "a lesson of 5,000": (plan(care(), education=[lesson(text="x" * 5000)]), "1 to 500 characters"),
    "a lesson without a page": (plan(care(), education=[{**lesson(), "pages": []}]), "education[0].pages"),
}
SHOWN = {
    "40 cares": plan(*(care(n, title=f"Soin {n} : la rivière, le soir") for n in range(40))),
    "everything at once": plan(
        care(title=EMOJI, explanation=[LONG, SCRIPT], advice=[LONG]),
        questionnaires=[
            asked(choice("Oui, mais seulement quand je me couche"), *(item(n, "text") for n in range(1, 60)))
        ],
        education=[lesson(heading="<img src=x onerror=alert(1)>", text=SCRIPT)],
    ),
}
OTHERS = {
    "a name of 5,000": (("add-patient", "long", "--given", "x", "--family", "x", "--address-as", "x" * 5000), "90"),
    "a name that nobody sees": (("add-patient", "blank", "--given", "x", "--family", "x", "--address-as", " "), "90"),
    "a message of 5,000": (("message", "send", "maryam", "--by", "claire", "--text", "x" * 5000), "500 characters"),
    "a ready answer of 36": (
        ("message", "send", "maryam", "--by", "claire", "--text", "x", "--reply", "x" * 36),
        "at most 35",
    ),
}


@dataclass
class Told:
    code: int
    said: str
    letter: str
    serial: int


@dataclass
class Door:
    told: dict[str, Told]
    box: enrolment.Enrolment

    def plan(self, name: str) -> CarePlan:
        """As the box opens it."""
        kept = KeptOrder(self.told[name].serial, "plan", bytes.fromhex(self.told[name].letter))
        order = read_order(kept, self.box).content
        assert isinstance(order, PlanOrder)
        check_plans(order)
        assert order.plan is not None
        return order.plan


def commands_of(folder: Path) -> dict[str, list[str]]:
    """By name, those that make the clinic first; each plan in its file."""
    password = folder / "password"
    password.write_text(PASSWORD)
    claire = ["--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière"]
    maryam = ["--given", "M", "--family", "A", "--address-as", NAME, "--team", "claire"]
    found = {
        "init": ["init", "--clinic", "maison", "--broker-port", "0"],
        "claire": ["add-practitioner", "claire", *claire, "--password-file", str(password)],
        "maryam": ["add-patient", "maryam", *maryam],
        "validated": ["validate-access", "maryam", "--by", "claire", "--why", "x", "--reason", "x"],
        "enrolled": ["enrol", "box-7", "--patient", "maryam", "--out", str(folder / "box-7")],
    }
    plans = {**{name: content for name, (content, _) in REFUSED.items()}, **SHOWN}
    for number, (name, content) in enumerate(plans.items()):
        file = folder / f"{number}.json"
        file.write_text(json.dumps(content))
        found[name] = ["prescribe", str(file), "--patient", "maryam", "--by", "claire", "--box", "box-7"]
    return {**found, **{name: list(words) for name, (words, _) in OTHERS.items()}}


def through_the_door(folder: Path) -> Door:
    """All of them in one process: each of its own would take two seconds."""
    words = commands_of(folder)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    ran = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(list(words.values())),
        env={**kept, "CHEVET_CLINIC_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ran.returncode == 0, ran.stderr
    told = [Told(*json.loads(line)) for line in ran.stdout.splitlines()]
    return Door(dict(zip(words, told, strict=True)), enrolment.load(folder / "box-7"))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    return through_the_door(tmp_path_factory.mktemp("door"))


@pytest.mark.parametrize("name", [*REFUSED, *OTHERS])
def test_it_is_refused_in_one_line_with_the_reason(door: Door, name: str) -> None:
    word = {**REFUSED, **OTHERS}[name][1]
    told = door.told[name]
    assert (told.code, word in told.said) == (1, True), told.said
    assert told.said.count("\n") == 1
    assert len(told.said) < 1000, "one line that somebody reads"


def test_a_refused_plan_leaves_no_order(door: Door) -> None:
    assert {door.told[name].serial for name in REFUSED} == {0}


@pytest.mark.parametrize("size", [(800, 480), (1280, 800)])
def test_forty_cares_are_all_within_reach(door: Door, size: tuple[int, int]) -> None:
    walker, painter, found = Walker(door.plan("40 cares")), Painter(size), set[str]()
    assert isinstance(walker.view, HomeView)
    assert NAME in walker.view.greeting
    assert painter.paint(walker.view).cut == ()
    walker.touch("choose")
    for _ in range(9):
        assert isinstance(walker.view, ChoosingView)
        assert painter.paint(walker.view).cut == ()
        found |= {tile.title for tile in walker.view.tiles if tile.target.startswith("care:")}
        walker.touch("more")
    assert len(found) == 40


@pytest.mark.parametrize("size", [(800, 480), (1280, 800)])
def test_scripts_emoji_and_sixty_questions_are_shown_as_they_are_written(door: Door, size: tuple[int, int]) -> None:
    walker, painter = Walker(door.plan("everything at once")), Painter(size)
    assert painter.paint(walker.view).cut == ()
    walker.touch("lessons:l")
    assert isinstance(walker.view, LessonView)
    assert (walker.view.title, walker.view.text) == (EMOJI, SCRIPT)
    assert painter.paint(walker.view).cut == ()
    walker.touch("continue")
    walker.touch("care:soin-0")
    screens = 0
    while walker.screen != "TextView":
        assert painter.paint(walker.view).cut == ()
        walker.touch("decline" if screens < 60 else "continue")
        screens += 1
        assert screens < 70
    read = []
    while isinstance(walker.view, TextView):
        assert painter.paint(walker.view).cut == ()
        read.append(walker.view.paragraph)
        walker.touch("continue")
    assert read[1:] == [LONG, SCRIPT, LONG], "after « send your answers? »"
