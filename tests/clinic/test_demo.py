"""The invented clinic: filled, the same again, served, ended; and never in a clinic that is somebody's."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from clinic.cli import parser
from clinic.correspondence.messaging import marks_of
from clinic.correspondence.models import MessageOpened
from clinic.demo.fill import Size, fill
from clinic.errors import ClinicError
from clinic.people.admission import is_validated
from clinic.people.models import Patient, Practitioner
from clinic.plans.in_force import plan_in_force
from clinic.plans.orders import Pen
from clinic.record.patients import Narrowing, my_patients
from clinic.results.models import Answer, Evaluation, FormResponse, LedgerRow, Listening, Reading, Session
from clinic.results.sessions import records, sessions
from mqtt_bridge import seal
from tests.clinic.box import CLINIC, T0_MS
from tests.clinic.parts import LINE_S_MAX, Commands

SMALL = Size(patients=6, records=8, sessions=150, seed=7)
Told = list[tuple[object, ...]]


def filled(size: Size = SMALL) -> Practitioner:
    told: list[tuple[int, int]] = []
    staff = fill(size, "une-longue-nuit-calme", Pen(CLINIC, seal.make_keys()), T0_MS, lambda *how: told.append(how))
    assert told[-1] == (size.sessions, size.sessions), "the bar comes to its end"
    return staff.user


@pytest.mark.django_db
def test_every_row_has_its_parents_and_every_count_is_right() -> None:
    user = filled()
    connection.check_constraints()
    assert Session.objects.count() == SMALL.sessions
    assert Patient.objects.count() == SMALL.records + 2, "two newcomers wait for their access"
    assert Listening.objects.count() == SMALL.sessions
    assert Evaluation.objects.count() * 6 == Answer.objects.count()
    assert FormResponse.objects.exclude(after="").exists()
    assert Reading.objects.filter(reader=user).exists()
    assert LedgerRow.objects.filter(state="held").count() == 0
    assert not Session.objects.filter(started_ms__gt=T0_MS).exists()
    last = LedgerRow.objects.order_by("-pk")[0]
    assert LedgerRow.objects.create(
        device=last.device, stream="kiosk", epoch="f" * 16, seq=1, payload=b"", received_ms=1
    )


@pytest.mark.django_db
def test_a_patient_in_follow_up_has_a_plan_and_a_validated_access() -> None:
    user = filled()
    for patient in user.patients.all():
        plan = plan_in_force(patient)
        assert plan is not None
        assert is_validated(patient)
        known = {one.id for one in plan.content.activity}
        assert {one.session.request for one in records(sessions(patient.id))} <= known


@pytest.mark.django_db
def test_everybody_is_found_by_their_name() -> None:
    user = filled()
    for patient in Patient.objects.filter(participants__practitioner=user, participants__until_ms=None)[:5]:
        assert patient in my_patients(user, Narrowing(words=patient.family[:4]))


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_people_and_answers() -> None:
    first = _told()
    assert first == _told()
    assert first != _told(seed=8)


def _told(seed: int = 7) -> Told:
    from django.db import transaction

    told: Told = []
    with transaction.atomic():
        filled(Size(4, 5, 40, seed))
        told += Patient.objects.order_by("pk").values_list("pk", "given", "family")
        told += Session.objects.order_by("pk").values_list("session", "request", "started_ms")
        told += Answer.objects.order_by("pk").values_list("item", "score", "absent_reason")
        transaction.set_rollback(True)
    return told


@pytest.fixture
def commands(tmp_path: Path, clean_environment: dict[str, str]) -> Commands:
    return Commands(tmp_path / "home", clean_environment)


def test_it_refuses_what_is_somebodys(commands: Commands) -> None:
    commands.run("init", "--clinic", "maison", "--broker-port", "0", "--shelf-port", "0")
    before = (commands.home / "clinic.db").read_bytes()
    assert "no demonstration" in commands.run("demo", "--home", str(commands.home), fails=True)
    assert (commands.home / "clinic.db").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--serve", "0.0.0.0:8000"), "127.0.0.1 only"),
        (("--serve", "8000"), "HOST:PORT"),
        ((), "nothing to do"),
        (("--home", "d", "--patients", "1"), "at least 4 patients"),
    ],
)
def test_it_says_what_it_cannot_do(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    asked = parser().parse_args(["demo", *(str(tmp_path / "d") if word == "d" else word for word in words)])
    with pytest.raises(ClinicError, match=told), _clean():
        asked.run(asked)
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def _clean(**more: str) -> Iterator[None]:
    """Without databases of the run's own, and with the environment and the signals as they were afterwards."""
    kept, signals = dict(os.environ), signal.getsignal(signal.SIGTERM)
    for name in ("CHEVET_DATABASE_URL", "CHEVET_AUDIT_DATABASE_URL"):
        os.environ.pop(name, None)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
        signal.signal(signal.SIGTERM, signals)


def test_the_database_of_a_clinic_at_work_is_not_taken(tmp_path: Path) -> None:
    asked = parser().parse_args(["demo", "--home", str(tmp_path / "d")])
    with pytest.raises(ClinicError, match="unset it"), _clean(CHEVET_DATABASE_URL="postgresql://nobody@127.0.0.1:1/c"):
        asked.run(asked)


@pytest.fixture
def served(clean_environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-m",
        "clinic.cli",
        "demo",
        "--serve",
        "127.0.0.1:0",
        "--patients",
        "4",
        "--sessions",
        "60",
    ]
    environment = {**clean_environment, "TMPDIR": str(tmp_path), "CHEVET_CLINIC_HOME": str(tmp_path / "somebodys")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_served_signed_in_and_ended(served: subprocess.Popen[str], tmp_path: Path) -> None:
    told = json.loads(_line(served))
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = opener.open(f"{told['url']}connexion").read().decode()
    assert "toutes les personnes sont inventées" in page
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    words = f"csrfmiddlewaretoken={token}&username={told['user']}&password={told['password']}"
    home = opener.open(f"{told['url']}connexion", words.encode()).read().decode()
    assert "Mes patients" in home
    assert "toutes les personnes sont inventées" in home
    assert [one.name for one in tmp_path.iterdir()] == [next(tmp_path.glob("chevet-demo-*")).name]
    served.send_signal(signal.SIGTERM)
    assert served.wait(60) == 0
    assert list(tmp_path.iterdir()) == [], "nothing stays behind"


def _line(process: subprocess.Popen[str]) -> str:
    import select

    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], LINE_S_MAX * 3)
    assert readable, "no line"
    return process.stdout.readline()


def test_a_kept_home_is_served_again_as_it_was(commands: Commands) -> None:
    small = ("demo", "--home", str(commands.home), "--patients", "4", "--sessions", "20")
    first = json.loads(commands.run(*small))
    assert json.loads(commands.run(*small)) == first


@pytest.mark.django_db
def test_nothing_is_opened_before_it_was_sent() -> None:
    filled(SMALL)
    openings = MessageOpened.objects.select_related("message").prefetch_related("message__orders")
    assert openings
    for opened in openings:
        marks = marks_of(opened.message)
        assert marks.received_ms is not None
        assert opened.message.sent_ms < marks.received_ms < opened.at_ms
