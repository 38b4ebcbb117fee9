"""A plan on a picture of the box's own screen: `chevet-kiosk draw` makes it, and it is kept by what it shows."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.conf import settings
from msgspec.structs import replace

from clinic.errors import ClinicError
from clinic.home import Home
from clinic.plans.plan_file import care_plan, resolved
from clinic.plans.unfinished import UnfinishedPlan, finished
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import ContractError, encode
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.identity import Patient, Period, Practitioner
from mqtt_bridge.contract.questions import Information, Question, screens
from mqtt_bridge.contract.teaching import Education
from mqtt_bridge.version import VERSION

PROGRAM, SIZE = "chevet-kiosk", "800x480"
KEPT_MAX = 100
"""Plans whose pictures are kept; the ones longest unused go first."""
NOWHERE = "0" * 64


class PreviewError(ClinicError):
    """The picture cannot be drawn on this machine."""


@dataclass(frozen=True)
class Screen:
    """`name`: as `chevet-kiosk draw` calls it; `words`: what it shows."""

    name: str
    words: str


def program() -> str | None:
    """The kiosk's command, beside our own or on the path; None: it is not installed here."""
    beside = Path(sys.executable).parent
    return shutil.which(PROGRAM, path=os.pathsep.join([str(beside), os.environ.get("PATH", "")]))


def as_shown(plan: UnfinishedPlan, address_as: str) -> CarePlan | None:
    """What the box would show of it; None while it cannot be shown. Packages need not be there for that."""
    there = tuple(
        one if one.package.fingerprint else replace(one, package=replace(one.package, fingerprint=NOWHERE))
        for one in plan.activity
    )
    told = Patient(id="patient", address_as=address_as), Practitioner(given="X", role="X")
    try:
        return care_plan(resolved(finished(replace(plan, activity=there))), "plan", 1, *told)
    except (ContractError, msgspec.ValidationError):
        return None


def overview(plan: CarePlan) -> list[Screen]:
    """Home, what each care says first, the first question of each form, the first page of each lesson."""
    cares = [Screen(f"care.{one.id}.0", one.title) for one in plan.activity]
    forms = [
        Screen(f"form.{place}.{position}", form.title)
        for place, form in enumerate(plan.questionnaires)
        for position in [next(at for at, one in enumerate(screens(form)) if not isinstance(one.question, Information))]
    ]
    lessons = [Screen(f"lesson.{one.id}.0", one.title) for one in plan.education]
    return [Screen("home", plan.patient.address_as), *cares, *forms, *lessons]


def as_library_shows(word: Questionnaire | Education) -> CarePlan:
    """A form or a lesson alone, in a plan of nobody."""
    form, lesson = (word, None) if isinstance(word, Questionnaire) else (None, word)
    return CarePlan(
        id="preview",
        version=1,
        patient=Patient(id="preview", address_as="—"),
        place="establishment",
        period=Period(start_ms=0, end_ms=2**52),
        requester=Practitioner(given="X", role="X"),
        activity=(),
        questionnaires=(form,) if form else (),
        education=(lesson,) if lesson else (),
    )


def overview_of(plan: CarePlan) -> list[Screen]:
    """Every screen of the forms and lessons of such a plan."""
    asked = [
        Screen(f"form.0.{place}", words_of(one.question))
        for form in plan.questionnaires
        for place, one in enumerate(screens(form))
    ]
    pages = [
        Screen(f"lesson.{lesson.id}.{at}", page.heading)
        for lesson in plan.education
        for at, page in enumerate(lesson.pages)
    ]
    return [*asked, *pages]


def words_of(question: Question) -> str:
    return question.text if isinstance(question, Information) else question.question


def picture(home: Home, plan: CarePlan, name: str, also: Sequence[str]) -> bytes:
    """The PNG of one screen; those named in `also` are drawn in the same run. Raises PreviewError."""
    raw = encode(plan)
    folder = home.previews / hashlib.sha256(b"\0".join([VERSION.encode(), SIZE.encode(), raw])).hexdigest()
    made = folder / f"{name}.png"
    if not made.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # whoever waits here finds it drawn
            if not made.exists():
                _draw(raw, folder, [name, *(one for one in also if one != name)])
        _tidy(home.previews)
    os.utime(folder)
    return made.read_bytes()


def _draw(raw: bytes, folder: Path, names: Sequence[str]) -> None:
    command = program()
    if command is None:
        raise PreviewError(f"{PROGRAM} is not installed on this machine: install Chevet's kiosk beside the console")
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".plan-", suffix=".json") as told:
        told.write(raw)
        told.flush()
        words = [command, "draw", "--plan", told.name, "--into", str(folder), "--size", SIZE, *names]
        quiet = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
        try:
            subprocess.run(words, check=True, capture_output=True, text=True, timeout=settings.PREVIEW_S_MAX, env=quiet)
        except subprocess.CalledProcessError as error:
            raise PreviewError(f"{PROGRAM}: {error.stderr.strip()[:300]}") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PreviewError(f"{PROGRAM}: {error}") from error


def _tidy(folder: Path) -> None:
    kept = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[KEPT_MAX:]:
        shutil.rmtree(old, ignore_errors=True)
