"""help, message, delivery, standing, assign-box: as commands, on a clinic of their own."""

import json
import subprocess
import sys
from pathlib import Path

from clinic.plans.demonstration import demonstration_plan
from tests.clinic.parts import Commands, furnished

ARRIVE = """
import sys, django
from pathlib import Path
django.setup()
from django.db import transaction
from clinic.ingest.store import DjangoStore
from clinic.settings import HOME
from mqtt_bridge import enrolment, seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.contract import report as told
from tests.clinic.box import Box, stamp

keys, files = seal.load_secret(HOME.clinic_keys), enrolment.load(Path(sys.argv[1]))
box = Box(keys.public, "box-12", files.keys)
end = ClinicEnd("maison", keys, DjangoStore())
for content in (told.HelpAsked(help="h-1", asked=stamp()), told.DeliveryAsked(delivery="d-1", asked=stamp())):
    with transaction.atomic():
        end.receive(box.up, box.report(content), stamp().wall_ms)
"""


def test_the_bedside_by_commands(clean_environment: dict[str, str]) -> None:
    """One clinic for all of them: each command is a process, and starts slowly."""
    with furnished(clean_environment) as commands:
        folder = commands.home.parent
        environment = {**commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
        arrive = [sys.executable, "-c", ARRIVE, str(folder / "box")]
        subprocess.run(arrive, env=environment, check=True, cwd=Path(__file__).parents[2])
        help_goes_through(commands)
        words_go_through(commands)
        a_standing_is_sure(commands)
        a_box_is_shared(commands, folder)


def help_goes_through(commands: Commands) -> None:
    [asked] = json.loads(commands.run("help", "list", "--json"))
    assert (asked["patient"], asked["closed_ms"]) == ("martin", None)
    number = str(asked["number"])
    assert "what was done" in commands.run("help", "close", number, "--by", "claire", fails=True)
    commands.run("help", "close", number, "--by", "claire", "--done", "vue")
    assert "nobody waits" in commands.run("help", "list")


def words_go_through(commands: Commands) -> None:
    send = ("message", "send", "martin", "--by", "claire")
    assert "paragraphs" in commands.run(*send, "--text", " ", fails=True)
    assert "box-12" in commands.run(*send, "--text", "Bonjour\nJe passe demain", "--reply", "Oui")
    [kept] = json.loads(commands.run("message", "list", "martin", "--by", "claire", "--json"))
    assert (kept["text"], kept["received_ms"]) == ("Bonjour\nJe passe demain", None)
    [asked] = json.loads(commands.run("delivery", "list", "--by", "claire", "--json"))
    words = ("delivery", "tell", str(asked["number"]), "--state", "sent", "--by", "claire")
    assert "is sent" in commands.run(*words, "--note", "Demain")


def a_standing_is_sure(commands: Commands) -> None:
    words = ("standing", "martin", "--state", "deceased", "--by", "claire")
    assert "--sure" in commands.run(*words, fails=True)
    assert "box-12" in commands.run(*words, "--sure")
    send = ("message", "send", "martin", "--by", "claire", "--text", "x")
    assert "deceased" in commands.run(*send, fails=True)
    commands.run("standing", "martin", "--state", "active", "--by", "claire", "--sure")


def a_box_is_shared(commands: Commands, folder: Path) -> None:
    (folder / "demo.toml").write_text(
        demonstration_plan(
            start="2025-11-21", end="2099-02-21", package="riviere", manifest="manifest.toml", duration_s=60
        )
    )
    leroy = ("--given", "S", "--family", "Le Roy", "--address-as", "Suzanne", "--team", "claire")
    commands.run("add-patient", "leroy", *leroy)
    commands.run("validate-access", "leroy", "--by", "claire", "--why", "x", "--reason", "x")
    assert "box-12 is for martin, leroy" in commands.run("assign-box", "box-12", "--patient", "leroy")
    words = ("prescribe", str(folder / "demo.toml"), "--by", "claire", "--box", "box-12", "--patient")
    plain = ("prescribe", str(folder / "plan.toml"), "--by", "claire", "--box", "box-12", "--patient")
    assert "`code`" in commands.run(*plain, "leroy", fails=True)
    for patient in ("martin", "leroy"):
        commands.run(*words, patient)
    assert "is for leroy" in commands.run("assign-box", "box-12", "--patient", "martin", "--remove")
