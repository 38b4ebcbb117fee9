"""The whole house in one folder: broker, ingest, console, player, link and kiosk, as real processes."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinic.plans.demonstration import demonstration_plan
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.seal import code_digest
from tests.support.paced.machine import PacedDevice, paced_device
from tests.support.patient import Patient
from tests.support.ports import kept_ports
from tests.support.process import Process, ProcessError

TOP = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CLINIC, BOX, PATIENT, CLINICIAN = "demo", "chevet-1", "martin", "claire"
PASSWORD = "une rivière calme"  # of the demonstration's invented account, printed by it
STAFF_PIN = "246813"
"""Of the demonstration's box."""
Say = Callable[[str], None]

HEADPHONES = """\
model = "Casque de démonstration (inventé)"
reference_dba = 79.0
reference_lufs = -23.0
card_level_percent = 100
measured_by = "personne"
measured_on = "2026-11-22"
measured_with = "rien : un chiffre inventé"
uncertainty_db = 6.0
"""

PLAN = """\
place = "establishment"
[period]
start = {start}
end = {end}
[[activity]]
id = "riviere"
title = "Relaxation\u00a0: la rivière"
kind = "relaxation"
duration_s = {duration_s}
level_dba = 70.0
level_max_dba = 76.0
explanation = [
  "Vous allez écouter de la musique avec le casque. Elle devient de plus en plus lente, puis elle se réveille.",
  "Vous n’avez rien à faire. Le soin va jusqu’au bout, sans pause. Vous pouvez l’arrêter à tout moment.",
]
advice = [
  "Installez-vous bien, assis ou allongé. Mettez le casque sur vos oreilles.",
]
package = {{ id = "{package}", manifest = "{manifest}" }}
"""


@dataclass
class House:
    """Everything under `folder`. `packages` is the box's; `source`: where the prescribed package is, if not there."""

    folder: Path
    packages: Path
    source: Path | None = None
    fetch_kib_s: int = 1 << 20
    package: str = "riviere"
    size: tuple[int, int] = (1280, 800)
    speed: float = 1.0
    display: str = ""
    device: str = ""
    """A real sound device; empty: the paced one."""
    host: str = "127.0.0.1"
    """The address of the clinic's own machine, which its certificates carry."""
    protocol: int = 5
    database: str = ""
    paced: PacedDevice | None = None
    processes: dict[str, Process] = field(default_factory=dict)
    console_address: str = ""
    player_flags: tuple[str, ...] = ()
    everything: bool = False
    """The plan that uses all that the box can do, instead of one care."""
    patients: list[Patient] = field(default_factory=list)
    kept: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Its ports, until all of it is stopped."""

    @property
    def clinic_home(self) -> Path:
        return self.folder / "clinic"

    @property
    def box(self) -> Path:
        return self.folder / "box"

    @property
    def data(self) -> Path:
        return self.box / "data"

    # Making it

    def furnish(self, *, start: str = "2020-01-01", end: str = "2099-12-31", stock: bool = False) -> None:
        """A clinic, one clinician, one patient, one enrolled box, one signed plan; `stock`: and its package offered."""
        self.found()
        self.clinic(
            "add-patient", PATIENT, "--given", "Jeanne", "--family", "Martin", "--address-as", "Madame Martin",
            "--team", CLINICIAN,
        )  # fmt: skip
        self.clinic("validate-access", PATIENT, "--by", CLINICIAN, "--why", "dort mal", "--reason", "relaxation")
        self.clinic("enrol", BOX, "--patient", PATIENT, "--out", str(self.box / "enrolment"))
        if stock:
            self.stock()
        self.prescribe(start=start, end=end)
        self.write_configuration()

    def found(self) -> None:
        """A clinic and one clinician, before anybody has asked for anything."""
        for folder in (self.folder, self.folder / "log", self.box / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        # A clinic of invented people is open to a password alone, and so served on this machine only.
        invented = ("--demonstration",) if self.host == "127.0.0.1" else ()
        database = ("--database", self.database) if self.database else ()
        broker, shelf, registrar = map(str, self.kept.enter_context(kept_ports(3)))
        self.clinic(
            "init", "--clinic", CLINIC, "--broker-host", self.host, "--broker-port", broker, "--console-host",
            self.host, "--console-port", "0", "--shelf-port", shelf, "--registrar-port", registrar,
            "--broker-protocol", str(self.protocol), *invented, *database,
        )  # fmt: skip
        self.clinic(
            "add-practitioner", CLINICIAN, "--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as",
            "infirmière", "--password-file", str(secret),
        )  # fmt: skip

    def stock(self) -> None:
        """The package on the clinic's shelf."""
        self.packages.mkdir(parents=True, exist_ok=True)
        self.clinic("package", "add", str((self.source or self.packages) / self.package))

    def prescribe(self, *, start: str = "2020-01-01", end: str = "2099-12-31") -> None:
        manifest = (self.source or self.packages) / self.package / "manifest.toml"
        plan = self.folder / "plan.toml"
        told = tomllib.loads(manifest.read_text())
        package = told["id"] if self.source else self.package  # what is fetched is installed under its own name
        duration_s = max(1, round(float(told["duration_s"])))
        written = demonstration_plan if self.everything else PLAN.format
        plan.write_text(written(start=start, end=end, package=package, manifest=str(manifest), duration_s=duration_s))
        self.clinic("prescribe", str(plan), "--patient", PATIENT, "--by", CLINICIAN, "--box", BOX)

    def clinic(self, *words: str) -> str:
        """Run `chevet-clinic`; its output. Raises ProcessError with its words."""
        return self._run([str(BIN / "chevet-clinic"), *words, "--home", str(self.clinic_home)])

    def sessions(self) -> list[dict[str, Any]]:
        """Read back from the clinic's database."""
        found: list[dict[str, Any]] = json.loads(self.clinic("sessions", "--patient", PATIENT, "--json"))
        return found

    def boxes(self) -> dict[str, dict[str, Any]]:
        """The state of each box's loan, by its name."""
        found: list[dict[str, Any]] = json.loads(self.clinic("boxes", "--json"))
        return {one["box"]: one for one in found}

    def wait_for_state(self, state: str, seconds: float = 60) -> dict[str, Any]:
        """Until the clinic has the box in this state. Raises ProcessError."""
        until_s = time.monotonic() + seconds
        while (found := self.boxes()[BOX])["state"] != state:
            if time.monotonic() > until_s:
                raise ProcessError(f"the box is not {state} within {seconds} s but {found}")
            time.sleep(0.2)  # another process's database: there is no event to wait for
        return found

    def link_status(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(
            self._run([str(BIN / "chevet-link"), "status", "--data", str(self.data), "--json"])
        )
        return told

    def wait_for_orders(self, count: int, seconds: float = 60) -> None:
        """Until link.db holds so many orders. Raises ProcessError."""
        until_s = time.monotonic() + seconds
        while len(LinkReader(self.data / "link.db").orders()) < count:
            if time.monotonic() > until_s:
                raise ProcessError(f"{count} order(s) did not come within {seconds} s")
            time.sleep(0.05)  # another process's file: there is no event to wait for

    def enrol_from(self, paper: Path) -> None:
        """What a technician does at the box: `chevet-link enrol` with the file that the clinic gave."""
        enrolment = str(self.box / "enrolment")
        self._run([str(BIN / "chevet-link"), "enrol", "--enrolment", enrolment, "--from", str(paper)])

    def selftest(self) -> list[dict[str, Any]]:
        command = [str(BIN / "chevet-kiosk"), "selftest", "--config", str(self.box / "kiosk.toml"), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def chevet_kiosk(self, command: str, *words: str) -> str:
        """Run one of the kiosk's commands beside it; its output. Raises ProcessError."""
        return self._run([str(BIN / "chevet-kiosk"), command, "--config", str(self.box / "kiosk.toml"), *words])

    # Living in it

    def start(self, *names: str) -> None:
        """Start these processes (all, in order, when none is named) and wait until each serves."""
        for name in names or ("broker", "ingest", "console", "player", "link", "kiosk"):
            line = self._process(name).start()
            if name == "console":
                self.console_address = line.split()[-1]

    def stop(self, *names: str) -> None:
        """Stop these (all, in the reverse order, when none is named)."""
        if names:
            self._stop(names)
            return
        with self.kept:
            for patient in self.patients:
                patient.go_away()
            self._stop(tuple(reversed(self.processes)))

    def _stop(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name in self.processes:
                self.processes[name].stop()

    def kill(self, name: str) -> None:
        self.processes[name].kill()

    def patient(self) -> Patient:
        """Somebody in front of the kiosk."""
        patient = Patient(self.box / "run" / "mirror.sock", self.box / "run" / "button.sock", self.display)
        patient.sit_down()
        self.patients.append(patient)
        return patient

    def _process(self, name: str) -> Process:
        if name not in self.processes:
            command, ready, environment = self._command(name)
            self.processes[name] = Process(name, command, ready, self.folder / "log" / f"{name}.log", environment)
        return self.processes[name]

    def _command(self, name: str) -> tuple[list[str], str, dict[str, str]]:
        clinic = [str(BIN / "chevet-clinic"), name, "--home", str(self.clinic_home)]
        match name:
            case "broker":
                return clinic, "running", {}
            case "ingest":
                return clinic, "ingest: ready", {}
            case "shelf":
                return clinic, "shelf: ready", {}
            case "registrar":
                return clinic, "registrar: ready", {}
            case "console":
                return [*clinic, "--port", "0"], "console: ready", {}
            case "player":
                return self._player(), "player: device", self._sound_environment()
            case "link":
                folders = ["--data", str(self.data), "--run", str(self.box / "run")]
                enrolment = ["--enrolment", str(self.box / "enrolment"), "--clock", "always"]
                packages = ["--packages", str(self.packages), "--fetch-kib-s", str(self.fetch_kib_s)]
                return [str(BIN / "chevet-link"), "run", *folders, *enrolment, *packages], "link: ready", {}
            case _:
                config = ["--config", str(self.box / "kiosk.toml")]
                return [str(BIN / "chevet-kiosk"), "run", *config], "kiosk: ready", {"DISPLAY": self.display}

    def _player(self) -> list[str]:
        device = self.device or self._paced_device().name
        socket = ["--socket", str(self.box / "run" / "player.sock"), "--device", device]
        return [str(BIN / "chevet-audio"), "player", *socket, *self.player_flags]

    def _sound_environment(self) -> dict[str, str]:
        return {} if self.device else self._paced_device().environment

    def _paced_device(self) -> PacedDevice:
        if self.paced is None:
            self.paced = paced_device(
                self.folder / "sound", self.speed, build_dir=(self.source or self.packages).parent / "build"
            )
        return self.paced

    def write_configuration(self) -> None:
        """The kiosk's, and the headphones'."""
        run = self.box / "run"
        width, height = self.size
        (self.box / "headphones.toml").write_text(HEADPHONES)
        (self.box / "kiosk.toml").write_text(f"""\
language = "fr"
player = "{run / "player.sock"}"
clock = "always"
calibration = "{self.box / "headphones.toml"}"

[folders]
data = "{self.data}"
run = "{run}"
enrolment = "{self.box / "enrolment"}"
packages = "{self.packages}"

[screen]
driver = "x11"
width = {width}
height = {height}
mirror = "{run / "mirror.sock"}"

[button]
factory = "mock"
socket = "{run / "button.sock"}"

[service]
pin = "{code_digest(STAFF_PIN)}"
""")

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
        if done.returncode != 0:
            raise ProcessError(f"{' '.join(command)}:\n{done.stderr}{done.stdout}")
        return done.stdout


def sound_card() -> str:
    """The first real card by its name (`plughw:CARD=Headphones`); empty when the machine has none."""
    cards = Path("/proc/asound/cards")
    for line in cards.read_text().splitlines() if cards.exists() else []:
        if "[" in line:
            return f"plughw:CARD={line.split('[')[1].split(']')[0].strip()}"
    return ""


def render_package(packages: Path, say: Say) -> None:
    """The demonstration package, once; its progress is shown."""
    out = packages / "riviere"
    packages.mkdir(parents=True, exist_ok=True)
    say("the session package (a montage of about a minute, built once)")
    done = subprocess.run([str(BIN / "chevet-audio"), "render", "demo", str(out)], check=False)
    if done.returncode != 0:
        raise ProcessError("the package could not be built: see above")


def empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
