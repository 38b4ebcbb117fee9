"""A clinic and its boxes as real processes, each of which may be killed, stopped, cut off or filled up at any time."""

import re
import shutil
import signal
import socket
import sys
from collections import Counter
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.enrolment import Place
from tests.campaign import database
from tests.campaign.accidents import kind_of
from tests.campaign.database import DATABASE, POSTGRESQL_READY, Reader
from tests.campaign.family import APART
from tests.campaign.furniture import INGEST, Furniture
from tests.campaign.network import BROKER, Namespaces, Network, Proxies
from tests.campaign.ordering import BIN, Staff
from tests.campaign.rabbit import QUEUED_MAX, RABBITMQ_READY, rabbitmq_command, rabbitmq_environment, settle_rabbitmq
from tests.campaign.served import Served
from tests.campaign.small_disk import SmallDisk
from tests.support.ports import free_port
from tests.support.process import Process, ProcessError

READY_S_MAX = 300.0
"""Machines are shared, and everything starts at once."""
BOX_MIB, CLINIC_MIB, DATABASE_MIB = 96, 192, 320
INGEST_AGAIN_S = 1.0


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
    staff: Staff = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.staff = Staff(self.home, self.furniture.plan, self.logs / "orders.log")
        self.network = Namespaces(self.parties) if self.namespaces else Proxies(self.parties, free_port())
        try:
            self._move_in()
        except BaseException:
            self.network.close()
            raise

    @property
    def boxes(self) -> tuple[str, ...]:
        return self.furniture.boxes

    @property
    def ingests(self) -> tuple[str, ...]:
        return self.furniture.ingests

    @property
    def parties(self) -> tuple[str, ...]:
        """Who has a network of their own: clinic.toml names one port, so that all ingests share a proxy."""
        return (*self.boxes, *(self.ingests if self.namespaces else (INGEST,)))

    @property
    def is_postgresql(self) -> bool:
        return self.furniture.store == "postgresql"

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

    def applied(self, box: str) -> list[tuple[str, int]]:
        """(kind, serial) of the orders that the box's writer has applied, in that order."""
        log = self.logs / f"{box} writer.log"
        text = log.read_text(errors="replace") if log.exists() else ""
        return [(kind, int(serial)) for kind, serial in re.findall(r"^applied (\w+) (\d+)$", text, re.MULTILINE)]

    # Moving in

    def _move_in(self) -> None:
        self.logs.mkdir()
        if self.small_disks:
            self.disks["clinic"] = SmallDisk(self.home, CLINIC_MIB)
        shutil.copytree(self.furniture.folder / "clinic", self.home, dirs_exist_ok=True)
        self._settle_broker()
        if self.is_postgresql:
            self._settle_database()
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

    def _settle_database(self) -> None:
        folder = self.folder / DATABASE
        if self.small_disks:
            self.disks[DATABASE] = SmallDisk(folder, DATABASE_MIB)
        else:
            folder.mkdir()
        database.lay_out(self.furniture.database, folder, self.sockets, self.home / "clinic.toml")

    @property
    def sockets(self) -> Path:
        return self.folder / "pg"

    def reader(self) -> AbstractContextManager[Reader]:
        """Into the clinic's database, past all processes under test. Raises one of NotNow."""
        if self.is_postgresql:
            return database.postgresql_reader(self.sockets)
        return database.sqlite_reader(self.home / "clinic.db")

    def _settle_mosquitto(self) -> None:
        file = self.home / "broker" / "mosquitto.conf"
        text = file.read_text().replace(str(self.furniture.folder / "clinic"), str(self.home))
        text = re.sub(r"^listener \d+", f"listener {self.network.listen_port()}", text, flags=re.MULTILINE)
        text = re.sub(r"^max_queued_messages \d+", f"max_queued_messages {QUEUED_MAX}", text, flags=re.MULTILINE)
        file.write_text(text)

    # Its parts

    def names(self) -> tuple[str, ...]:
        server = (DATABASE,) if self.is_postgresql else ()
        return (*server, BROKER, *self.ingests, *(f"{box} {part}" for box in self.boxes for part in ("link", "writer")))

    def launch(self, name: str) -> None:
        """Start a part if it does not run, and wait for nothing."""
        if name not in self.parts:
            log = self.logs / f"{name}.log"
            self.parts[name] = self._part(name, log)
        if not self.parts[name].running():
            self.parts[name].launch()
            self.starting.add(name)

    def start(self) -> None:
        """Whatever does not run, all at once; then wait for each that is starting. Raises ProcessError."""
        if self.is_postgresql:
            self.launch(DATABASE)
        if DATABASE in self.starting:
            self.parts[DATABASE].wait_ready(READY_S_MAX)
            self.starting.discard(DATABASE)
        for name in self.names():
            self.launch(name)
        self._wait_ready()

    def _wait_ready(self) -> None:
        for name in [name for name in self.names() if name in self.starting]:
            self.parts[name].wait_ready(READY_S_MAX)
        self.starting.clear()

    def start_all_but(self, name: str) -> None:
        """As `start`, and one stays dead."""
        for other in self.names():
            if other != name:
                self.launch(other)
        self._wait_ready()

    def running(self, name: str) -> bool:
        return name in self.parts and self.parts[name].running()

    @property
    def started_again(self) -> Counter[str]:
        """How often what had ended by itself was started again, of each kind of part."""
        served = {name: part.again for name, part in self.parts.items() if isinstance(part, Served)}
        return sum((Counter({kind_of(name): again}) for name, again in served.items()), Counter())

    @property
    def remedied(self) -> Counter[str]:
        """How often what did not start any more was helped as the documents say."""
        served = {name: part.remedied for name, part in self.parts.items() if isinstance(part, Served)}
        return sum((Counter({kind_of(name): times}) for name, times in served.items()), Counter())

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

    def broker_drops(self) -> int:
        """How often mosquitto has said that it drops what it has no room for."""
        return (self.logs / f"{BROKER}.log").read_text(errors="replace").count("messages are being dropped")

    def forget_broker(self) -> None:
        """What the broker kept, its files and all; it is not running."""
        shutil.rmtree(self.broker_data)
        self.broker_data.mkdir()

    def close(self) -> None:
        self.staff.refused()
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

    def _part(self, name: str, log: Path) -> Process:
        """What a service manager keeps alive is `Served`: RabbitMQ and PostgreSQL give up on a full disk, ingest ends
        with 75 when its database stays away."""
        if name == DATABASE:
            return Served(name, database.command(self.folder / DATABASE, self.sockets), POSTGRESQL_READY, log, {})
        if name == BROKER and self.is_rabbitmq:
            command = [*self.network.inside(BROKER), *APART, *rabbitmq_command()]
            environment = rabbitmq_environment(self.home)
            command = [*_ends_with_us(), *command]
            return Served(name, command, RABBITMQ_READY, log, environment, remedy=self.forget_broker)
        command, ready = self._command(name)
        command = [*_ends_with_us(), *command]
        if self.is_postgresql and name in self.ingests:
            return Served(name, command, ready, log, {}, INGEST_AGAIN_S)
        return Process(name, command, ready, log, {})

    def _command(self, name: str) -> tuple[list[str], str]:
        planted = [sys.executable, "-m", "tests.campaign.planted", self.planted]
        if name == BROKER:
            conf = str(self.home / "broker" / "mosquitto.conf")
            return [*self.network.inside(BROKER), _mosquitto(), "-c", conf], "running"
        if name in self.ingests:
            ours = planted if self.planted == "acknowledge-before-commit" else [str(BIN / "chevet-clinic")]
            party = name if name in self.parties else INGEST
            return [*self.network.inside(party), *ours, "ingest", "--home", str(self.home)], "ingest: ready"
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
