"""A clinic and its boxes as real processes, each of which may be killed, stopped, cut off or filled up at any time."""

import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.enrolment import Place
from tests.campaign.family import APART
from tests.campaign.furnish import PATIENT
from tests.campaign.network import BROKER, Namespaces, Network, Proxies
from tests.campaign.rabbit import QUEUED_MAX, RABBITMQ_READY, rabbitmq_command, rabbitmq_environment, settle_rabbitmq
from tests.campaign.served import Served
from tests.campaign.small_disk import SmallDisk
from tests.support.ports import free_port
from tests.support.process import Process, ProcessError

READY_S_MAX = 120.0
"""Machines are shared, and everything starts at once."""
BIN = Path(sys.executable).parent
TOP = Path(__file__).parents[2]
INGEST = "ingest"
BOX_MIB, CLINIC_MIB = 96, 192
BrokerKind = Literal["mosquitto", "rabbitmq"]


class Furniture:
    """A clinic and its boxes before anything has happened. Made once, laid out again for each house."""

    def __init__(self, folder: Path, host: str, boxes: tuple[str, ...], broker: BrokerKind = "mosquitto") -> None:
        self.folder, self.boxes, self.broker = folder, boxes, broker
        if folder.exists():
            return
        folder.mkdir(parents=True)
        protocol = "4" if broker == "rabbitmq" else "5"  # Debian's RabbitMQ speaks MQTT 3.1.1 alone
        words = [sys.executable, "-m", "tests.campaign.furnish", str(folder), host, protocol, *boxes]
        done = subprocess.run(words, cwd=TOP, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"the clinic could not be furnished:\n{done.stdout}{done.stderr}")

    @property
    def plan(self) -> Path:
        return self.folder / "plan.toml"


@dataclass
class House:
    """Everything under `folder`. `planted`: the names of faults put in on purpose."""

    folder: Path
    furniture: Furniture
    namespaces: bool
    small_disks: bool
    planted: str = ""
    network: Network = field(init=False)
    disks: dict[str, SmallDisk] = field(default_factory=dict)
    parts: dict[str, Process] = field(default_factory=dict)
    starting: set[str] = field(default_factory=set)
    prescribing: list[tuple[str, "subprocess.Popen[bytes]"]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        parties = (*self.boxes, INGEST)
        self.network = Namespaces(parties) if self.namespaces else Proxies(parties, free_port())
        try:
            self._move_in()
        except BaseException:
            self.network.close()
            raise

    @property
    def boxes(self) -> tuple[str, ...]:
        return self.furniture.boxes

    @property
    def home(self) -> Path:
        return self.folder / "clinic"

    @property
    def is_rabbitmq(self) -> bool:
        return self.furniture.broker == "rabbitmq"

    @property
    def broker_data(self) -> Path:
        return self.home / "broker" / ("rabbitmq/data" if self.is_rabbitmq else "data")

    def data(self, box: str) -> Path:
        return self.folder / box / "data"

    def run(self, box: str) -> Path:
        return self.folder / box / "run"

    def enrolment(self, box: str) -> Path:
        return self.folder / box / "enrolment"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    def kept(self, box: str) -> set[str]:
        """The reports that the box's writer has said to be on its disk."""
        log = self.logs / f"{box} writer.log"
        text = log.read_text(errors="replace") if log.exists() else ""
        return set(re.findall(r"^kept (\S+)$", text, re.MULTILINE))

    # Moving in

    def _move_in(self) -> None:
        self.logs.mkdir()
        if self.small_disks:
            self.disks["clinic"] = SmallDisk(self.home, CLINIC_MIB)
        shutil.copytree(self.furniture.folder / "clinic", self.home, dirs_exist_ok=True)
        self._settle_broker()
        for box in self.boxes:
            (self.folder / box / "run").mkdir(parents=True)
            if self.small_disks:
                self.disks[box] = SmallDisk(self.data(box), BOX_MIB)
            else:
                self.data(box).mkdir()
            shutil.copytree(self.furniture.folder / box / "enrolment", self.enrolment(box))
            place = self.enrolment(box) / "enrolment.json"
            told = decode(place.read_bytes(), Place)
            place.write_bytes(encode(_with_port(told, self.network.port_of(box))))

    def _settle_broker(self) -> None:
        """The broker's own files, on its port, with a queue that is soon full; and where ingest finds it."""
        if self.is_rabbitmq:
            settle_rabbitmq(self.home, self.network.host, self.network.listen_port(), self.boxes)
        else:
            self._settle_mosquitto()
        settings = self.home / "clinic.toml"
        told, port = settings.read_text(), self.network.port_of(INGEST)
        told = re.sub(r"(\[broker\][^\[]*\nport = )\d+", rf"\g<1>{port}", told, count=1)
        settings.write_text(told)

    def _settle_mosquitto(self) -> None:
        file = self.home / "broker" / "mosquitto.conf"
        text = file.read_text().replace(str(self.furniture.folder / "clinic"), str(self.home))
        text = re.sub(r"^listener \d+", f"listener {self.network.listen_port()}", text, flags=re.MULTILINE)
        text = re.sub(r"^max_queued_messages \d+", f"max_queued_messages {QUEUED_MAX}", text, flags=re.MULTILINE)
        file.write_text(text)

    # Its parts

    def names(self) -> tuple[str, ...]:
        return (BROKER, INGEST, *(f"{box} {part}" for box in self.boxes for part in ("link", "writer")))

    def launch(self, name: str) -> None:
        """Start a part if it does not run, and wait for nothing."""
        if name not in self.parts:
            log = self.logs / f"{name}.log"
            if name == BROKER and self.is_rabbitmq:
                command = [*self.network.inside(BROKER), *APART, *rabbitmq_command()]
                environment = rabbitmq_environment(self.home)
                self.parts[name] = Served(name, [*_ends_with_us(), *command], RABBITMQ_READY, log, environment)
            else:
                command, ready = self._command(name)
                self.parts[name] = Process(name, [*_ends_with_us(), *command], ready, log, {})
        if not self.parts[name].running():
            self.parts[name].launch()
            self.starting.add(name)

    def start(self) -> None:
        """Whatever does not run, all at once; then wait for each that is starting. Raises ProcessError."""
        for name in self.names():
            self.launch(name)
        for name in [name for name in self.names() if name in self.starting]:
            self.parts[name].wait_ready(READY_S_MAX)
        self.starting.clear()

    def running(self, name: str) -> bool:
        return name in self.parts and self.parts[name].running()

    @property
    def started_again(self) -> int:
        """How often a broker that had ended by itself was started again."""
        return sum(part.again for part in self.parts.values() if isinstance(part, Served))

    def kill(self, name: str) -> bool:
        """kill -9; whether there was something to kill."""
        alive = self.running(name)
        self.starting.discard(name)
        if alive:
            self.parts[name].kill()
        return alive

    def signal(self, name: str, number: signal.Signals) -> None:
        if self.running(name):
            with suppress(ProcessLookupError):
                self.parts[name].signal(number)

    def is_stopped(self, name: str) -> bool:
        """As the kernel tells it of a process that was sent SIGSTOP."""
        with suppress(OSError, ProcessError):
            told = Path(f"/proc/{self.parts[name].pid}/stat").read_text()
            return told.rpartition(")")[2].split()[0] == "T"
        return False

    def write(self, box: str, words: str) -> bool:
        """Tell the box's writer what to write; False when nobody is there."""
        if not self.running(f"{box} writer"):
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as hand, suppress(OSError):
            hand.sendto(words.encode(), str(self.run(box) / "writer.sock"))
            return True
        return False

    def prescribe(self, box: str) -> None:
        """A clinician's next version of the plan, by the clinic's own command; it is not waited for."""
        words = [
            str(BIN / "chevet-clinic"),
            "prescribe",
            str(self.furniture.plan),
            "--patient",
            PATIENT,
            "--by",
            "claire",
        ]
        with (self.logs / "orders.log").open("ab") as log:
            words += ["--box", box, "--home", str(self.home)]
            self.prescribing.append((box, subprocess.Popen(words, stdout=log, stderr=log)))

    def prescribed(self) -> tuple[int, list[str]]:
        """Wait for those under way: how many were taken, and the boxes of those that a full disk has refused."""
        refused = [box for box, one in self.prescribing if one.wait() != 0]
        taken = len(self.prescribing) - len(refused)
        self.prescribing.clear()
        return taken, refused

    def forget_broker(self) -> None:
        """What the broker kept, its files and all; it is not running."""
        shutil.rmtree(self.broker_data)
        self.broker_data.mkdir()

    def close(self) -> None:
        for _, one in self.prescribing:
            one.wait()
        for part in self.parts.values():
            part.kill()
        self.network.close()
        for disk in self.disks.values():
            disk.close()

    def keep(self, folder: Path) -> None:
        """End all of it and copy it out, for whoever looks for the cause: what is mounted here ends with us."""
        for part in self.parts.values():
            part.kill()
        shutil.copytree(
            self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "*.bell", "*.img")
        )

    def _command(self, name: str) -> tuple[list[str], str]:
        planted = [sys.executable, "-m", "tests.campaign.planted", self.planted]
        if name == BROKER:
            conf = str(self.home / "broker" / "mosquitto.conf")
            return [*self.network.inside(BROKER), _mosquitto(), "-c", conf], "running"
        if name == INGEST:
            ours = planted if self.planted == "acknowledge-before-commit" else [str(BIN / "chevet-clinic")]
            return [*self.network.inside(INGEST), *ours, "ingest", "--home", str(self.home)], "ingest: ready"
        box, part = name.split()
        folders = [str(self.data(box)), str(self.run(box)), str(self.enrolment(box))]
        if part == "writer":
            if self.planted in ("write-again-after-a-death", "row-deleted-once-sent"):
                return [*planted, "writer", *folders], "writer: ready"
            return [sys.executable, "-m", "tests.campaign.writer", *folders], "writer: ready"
        inside, (data, run, enrolled) = self.network.inside(box), folders
        ours = planted if self.planted == "row-gone-at-puback" else [str(BIN / "chevet-link")]
        words = ["run", "--data", data, "--run", run, "--enrolment", enrolled, "--clock", "always"]
        return [*inside, *ours, *words], "link: ready"


def _ends_with_us() -> list[str]:
    """What stands before a command so that the kernel kills it when we are gone, in whatever way."""
    return ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []


def _with_port(place: Place, port: int) -> Place:
    from msgspec import structs

    return structs.replace(place, broker_port=port)


def _mosquitto() -> str:
    program = shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise OSError("no mosquitto here: apt-get install mosquitto")
    return program
