"""chevet-clinic in processes of its own, on a home in a temporary folder."""

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

import clinic
from clinic.cli import parser
from mqtt_bridge import enrolment
from tests.clinic.parts import PASSWORD, PLAN, Commands


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clinic with Claire, Madame Martin and her box; copied for each test."""
    folder = tmp_path_factory.mktemp("made")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    commands = Commands(folder / "home", kept)
    commands.run("init", "--clinic", "maison", "--broker-port", "0")
    claire = ("--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière")
    commands.run("add-practitioner", "claire", *claire, "--password-file", "-", said=PASSWORD)
    martin = ("--given", "Jeanne", "--family", "Martin", "--address-as", "Madame Martin", "--team", "claire")
    commands.run("add-patient", "martin", *martin)
    commands.run("validate-access", "martin", "--by", "claire", "--why", "dort mal", "--reason", "relaxation indiquée")
    commands.run("enrol", "box-12", "--patient", "martin", "--out", str(folder / "home" / "out"))
    return folder / "home"


@pytest.fixture
def commands(made: Path, tmp_path: Path, clean_environment: dict[str, str]) -> Commands:
    shutil.copytree(made, tmp_path / "home")
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "manifest.toml").write_text("title = 'rivière'")
    return Commands(tmp_path / "home", clean_environment)


def test_init_makes_what_is_private_private(commands: Commands) -> None:
    assert (commands.home / "secret-key").stat().st_mode & 0o777 == 0o600
    assert commands.home.stat().st_mode & 0o007 == 0
    assert (commands.home / "clinic.db").stat().st_mode & 0o007 == 0
    for name in ("broker/mosquitto.conf", "broker/acl", "ingest/ingest.crt", "keys/clinic.secret", "authority/ca.key"):
        assert (commands.home / name).exists()


def test_init_again_changes_nothing_that_stands(commands: Commands) -> None:
    before = {p: p.read_bytes() for p in commands.home.rglob("*") if p.suffix in {".secret", ".key", ".crt", ".toml"}}
    commands.run("init", "--clinic", "maison")
    assert {path: path.read_bytes() for path in before} == before
    assert "another --home" in commands.run("init", "--clinic", "autre", fails=True)


def test_enrolment_files_are_what_the_box_loads(commands: Commands) -> None:
    enrolled = enrolment.load(commands.home / "out")
    assert (enrolled.place.clinic, enrolled.place.box) == ("maison", "box-12")
    assert enrolled.address().certificate.exists()
    with sqlite3.connect(commands.home / "clinic.db") as record:
        [(verify,)] = record.execute("SELECT verify_key FROM fleet_device")
    record.close()
    assert verify == enrolled.keys.public.verify


def test_versions_and_serials_grow(commands: Commands, tmp_path: Path) -> None:
    words = ("prescribe", str(tmp_path / "plan.toml"), "--patient", "martin", "--by", "claire", "--box", "box-12")
    first, second = json.loads(commands.run(*words, "--json")), json.loads(commands.run(*words, "--json"))
    assert (first["version"], second["version"]) == (1, 2)
    assert second["serial"] > first["serial"]
    assert "order " in commands.run("stop-plan", "--patient", "martin", "--by", "claire", "--box", "box-12")
    assert "no plan" in commands.run(
        "stop-plan", "--patient", "martin", "--by", "claire", "--box", "box-12", fails=True
    )


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (('kind = "relaxation"', 'kind = "disco"'), "disco"),
        (("duration_s = 1200", "duration_s = 0"), "duration_s"),
        (("2099-02-21", "2025-01-01"), "before it starts"),
        (("2099-02-21", "2025-11-22"), "ended"),
        (('manifest = "manifest.toml"', 'manifest = "none.toml"'), "none.toml"),
        (("[period]", "surprise = 1\n[period]"), "surprise"),
        (('place = "establishment"', "place = "), "plan.toml"),
    ],
)
def test_a_wrong_plan_is_refused_in_one_line(
    commands: Commands, tmp_path: Path, change: tuple[str, str], word: str
) -> None:
    (tmp_path / "plan.toml").write_text(PLAN.replace(*change))
    words = ("prescribe", str(tmp_path / "plan.toml"), "--patient", "martin", "--by", "claire", "--box", "box-12")
    assert word in commands.run(*words, fails=True)


def test_only_the_care_team_prescribes(commands: Commands, tmp_path: Path) -> None:
    eve = ("--given", "Eve", "--family", "N", "--role", "nurse", "--shown-as", "infirmière", "--password-file", "-")
    commands.run("add-practitioner", "eve", *eve, said=PASSWORD)
    words = ("prescribe", str(tmp_path / "plan.toml"), "--patient", "martin", "--by", "eve", "--box", "box-12")
    assert "care team" in commands.run(*words, fails=True)


def test_a_weak_password_is_refused(commands: Commands) -> None:
    words = ("--given", "E", "--family", "N", "--role", "nurse", "--shown-as", "x", "--password-file", "-")
    assert "10" in commands.run("add-practitioner", "eve", *words, said="court", fails=True)


def test_a_revoked_box_takes_no_plan(commands: Commands, tmp_path: Path) -> None:
    commands.run("revoke", "box-12")
    words = ("prescribe", str(tmp_path / "plan.toml"), "--patient", "martin", "--by", "claire", "--box", "box-12")
    assert "revoked" in commands.run(*words, fails=True)


def test_an_empty_record_reads_as_an_empty_array(commands: Commands) -> None:
    assert json.loads(commands.run("sessions", "--json")) == []
    assert json.loads(commands.run("quarantine", "--json")) == []
    assert "0 in the record" in commands.run("retry-held")


def test_reading_by_the_command_line_is_audited(commands: Commands) -> None:
    commands.run("sessions", "--patient", "martin")
    with sqlite3.connect(commands.home / "audit.db") as trail:
        rows = trail.execute("SELECT action, patient FROM audit_auditevent ORDER BY id DESC LIMIT 1").fetchall()
    trail.close()
    assert rows == [("read", "martin")]


def test_no_home_is_one_line(clean_environment: dict[str, str], tmp_path: Path) -> None:
    commands = Commands(tmp_path / "nothing", clean_environment)
    assert "chevet-clinic init" in commands.run("sessions", fails=True)


@pytest.mark.parametrize("number", ["0", "-1", "deux", "1.5"])
def test_a_console_of_no_processes_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It would listen, say so, and answer nobody."""
    with pytest.raises(SystemExit):
        parser().parse_args(["console", f"--processes={number}"])
    assert f"at least 1, not {number}" in capsys.readouterr().err


def test_every_command_has_help_an_example_and_its_place_in_the_documentation() -> None:
    actions = [a for a in parser()._actions if a.dest == "command"]
    choices = actions[0].choices
    assert isinstance(choices, dict)
    documentation = (Path(clinic.__file__).parent / "README.md").read_text()
    for name, command in choices.items():
        assert command.description, name
        assert f"`{name}" in documentation, name
        assert f"chevet-clinic {name}" in (command.epilog or ""), name
        for action in command._actions:
            if action.required and action.option_strings:
                assert f"{action.option_strings[0]} " in (command.epilog or ""), (name, action.option_strings)
