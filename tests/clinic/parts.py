"""The clinic's real parts for tests: its commands, its processes, and a box on the real broker. Django stays out."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mqtt_bridge import enrolment
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Connected, Delivered, Event, Mailbox
from tests.clinic.box import EPOCH, Box
from tests.support.ports import kept_ports

PASSWORD = "une-longue-nuit-calme"
LINE_S_MAX = 90.0
REPORTS = 60
PLAN = """
place = "establishment"
[period]
start = 2025-11-21
end = 2099-02-21
[[activity]]
id = "riviere"
title = "Relaxation : la rivière"
kind = "relaxation"
duration_s = 1200
explanation = ["Vous allez entendre une rivière."]
advice = ["Installez-vous bien."]
package = { id = "riviere", manifest = "manifest.toml" }
"""


CLINIC_PROGRAM = (sys.executable, "-m", "clinic.cli")


class Commands:
    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home, self.environment = home, {**environment, "CHEVET_CLINIC_HOME": str(home)}

    def run(self, *words: str, said: str = "", fails: bool = False, exits: int | None = None) -> str:
        """What it said: on stderr when it `fails`; `exits`: with this code, and its word on stdout all the same."""
        ran = subprocess.run(
            [*CLINIC_PROGRAM, *words],
            input=said,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if exits is not None:
            assert ran.returncode == exits, ran.stdout + ran.stderr
            return ran.stdout
        assert (ran.returncode != 0) == fails, ran.stdout + ran.stderr
        if fails:
            assert ran.stderr.strip().count("\n") == 0, "one line, with the remedy"
        return ran.stderr if fails else ran.stdout

    def run_json(self, *words: str, fails: bool = False) -> Any:
        """What it says for machines; `fails`: it exits 1 all the same."""
        return json.loads(self.run(*words, exits=1 if fails else 0))


class Process:
    def __init__(self, commands: Commands, *words: str, program: Sequence[str] = CLINIC_PROGRAM) -> None:
        command = [*program, *words]
        self.popen = subprocess.Popen(
            command, env=commands.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def line(self) -> str:
        """The ready line."""
        assert self.popen.stdout is not None
        readable, _, _ = select.select([self.popen.stdout], [], [], LINE_S_MAX)
        assert readable, "no ready line"
        return self.popen.stdout.readline()

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        self.popen.communicate(timeout=60)  # a worker ends its fifty requests first
        return self.popen.returncode


@contextlib.contextmanager
def furnished(environment: dict[str, str], *init: str) -> Iterator[Commands]:
    """A clinic with Claire, Madame Martin and her box, in a folder of its own."""
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("no mosquitto here: apt-get install mosquitto")
    with kept_ports(3) as (broker, shelf, registrar):
        ports = ("--broker-port", broker, "--shelf-port", shelf, "--registrar-port", registrar)
        yield from _furnished(environment, (*map(str, ports), *init))


def _furnished(environment: dict[str, str], init: tuple[str, ...]) -> Iterator[Commands]:
    folder = Path(tempfile.mkdtemp(prefix="chevet-"))  # short: a Unix socket's path has 108 bytes at most
    made = Commands(folder / "home", environment)
    made.run("init", "--clinic", "maison", "--demonstration", *init)
    claire = ("--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière")
    made.run("add-practitioner", "claire", *claire, "--password-file", "-", said=PASSWORD)
    martin = ("--given", "Jeanne", "--family", "Martin", "--address-as", "Madame Martin", "--team", "claire")
    made.run("add-patient", "martin", *martin)
    made.run("validate-access", "martin", "--by", "claire", "--why", "dort mal", "--reason", "relaxation indiquée")
    made.run("enrol", "box-12", "--patient", "martin", "--out", str(folder / "box"))
    (folder / "plan.toml").write_text(PLAN)
    (folder / "manifest.toml").write_text("title = 'rivière'")
    try:
        yield made
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def running(commands: Commands, *words: str, program: Sequence[str] = CLINIC_PROGRAM) -> Iterator[Process]:
    process = Process(commands, *words, program=program)
    try:
        yield process
    finally:
        process.stop(signal.SIGKILL)


_REVOKING = """
import sys, django; django.setup()
from clinic.fleet.models import Device
from clinic.home import current_home
from clinic.plans.ending import revoke_box
from clinic.plans.orders import Pen
from mqtt_bridge.seal import load_secret
pen = Pen("maison", load_secret(current_home().clinic_keys))
revoke_box(Device.objects.get(id=sys.argv[1]), "perdue", pen, wipe=False)
"""


def revoke_on_the_console(commands: Commands, box: str) -> None:
    """What the page does: it writes to the database, and the registrar does the rest."""
    environment = {**commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    subprocess.run([sys.executable, "-c", _REVOKING, box], env=environment, check=True)


class Link:
    """The box's end on the real broker: sends, and reads what the clinic's database has."""

    def __init__(self, folder: Path) -> None:
        self.enrolled = enrolment.load(folder)
        self.box = Box(self.enrolled.clinic, "box-12", self.enrolled.keys)
        self.mailbox = Mailbox()
        self.client = PahoClient(self.enrolled.address(), self.mailbox)
        self.in_record = 0
        self.answers = 0
        """To hellos."""
        self.orders: set[str] = set()

    def start(self) -> None:
        names = tuple(wire.topic("maison", "box-12", channel) for channel in ("down", "ack"))
        self.client.start(names, None)
        self.until(lambda event: isinstance(event, Connected))

    def until(self, seen: Callable[[Event], bool], *, s_max: float = LINE_S_MAX) -> None:
        """Take events until `seen(event)`."""
        end = time.monotonic() + s_max
        while time.monotonic() < end:
            select.select([self.mailbox], [], [], 1.0)
            for event in self.mailbox.take():
                self._take(event)
                if seen(event):
                    return
        pytest.fail("the clinic did not answer in time")

    def _take(self, event: Event) -> None:
        if isinstance(event, Delivered):
            self.client.settle(event.token)
            if event.topic.endswith("/ack"):
                ack = self.box.ack(event.payload)
                self.answers += ack.nonce is not None
                self.in_record = max(self.in_record, ack.through if ack.epoch == EPOCH else 0)
            else:
                self.orders.add(self.box.order(event.payload).id)

    def hello(self) -> None:
        self.client.publish(self.box.up, self.box.hello((wire.Held(stream="kiosk", epoch=EPOCH, last=REPORTS),)))
