"""A box's spool on real parts: link.db, the program that fetches, a shelf by HTTPS; the installer is the test's own."""

import hashlib
import json
import os
import random
import select
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from mqtt_bridge import authority, enrolment, seal
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.care import CarePlan, PackageReference
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.order import Order, OrderContent, PlanOrder
from mqtt_bridge.contract.packages import PackageOffer, PackageState, PackageWithdrawn, shelf_path
from mqtt_bridge.contract.report import Report
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.packages import Row
from mqtt_bridge.link.spool_means import Limits, Places
from mqtt_bridge.link.spooling import Spooler
from mqtt_bridge.link.status import PackageStatus, read_status
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.outbox import rows
from tests.support.lying_shelf import LyingShelf

CLINIC, BOX = "maison", "box-1"
SOON_S = 90.0
QUICK = Limits(
    rate_bytes_s=1 << 30, kept_free_bytes=0, retry_ms_min=20, retry_ms_max=200, spoilt_ms_max=400, patient_tries=3
)
INSTALLER = """\
import json, pathlib, sys
said = pathlib.Path(__file__).with_name("installer.json")
told = json.loads(said.read_text()) if said.exists() else {}
with pathlib.Path(__file__).with_name("installer.log").open("a") as log:
    log.write(" ".join(sys.argv[1:3]) + "\\n")
if told.get("codes"):
    code, words = told["codes"].pop(0)
    said.write_text(json.dumps(told))
    print("chevet-audio:", words, file=sys.stderr)
    if words:
        print(json.dumps({"error": words, "message": "what, which, and what to do"}))
    sys.exit(code)
command, what = sys.argv[1:3]
if command == "install":
    archive = json.loads(pathlib.Path(what).read_bytes().split(b"\\0")[0])
    into = pathlib.Path(sys.argv[4]) / archive["id"]
    into.mkdir(parents=True, exist_ok=True)
    (into / "manifest.toml").write_text(archive["manifest"])
    gate = pathlib.Path(__file__).with_name("installer.gate")
    if gate.exists():
        gate.read_bytes()  # a pipe: until the test lets it end
        with pathlib.Path(__file__).with_name("installer.log").open("a") as log:
            log.write("ended\\n")
elif command == "check":
    if (pathlib.Path(what) / "spoilt").exists():
        (pathlib.Path(what) / "spoilt").unlink()
        print(json.dumps({"error": "part-hash-differs", "message": "a part is not what the manifest says"}))
        sys.exit(1)
else:
    (pathlib.Path(sys.argv[4]) / what / "manifest.toml").unlink()
"""


def archive(name: str, version: str = "1.0", size: int = 600_000) -> tuple[bytes, str]:
    """(bytes, fingerprint) of what the test's own installer takes; no two bytes of it are alike for long."""
    manifest = f'id = "{name}"\nversion = "{version}"\n'
    head = json.dumps({"id": name, "manifest": manifest}).encode() + b"\0"
    noise = random.Random(f"{name} {version}").randbytes(size - len(head))  # noqa: S311
    return head + noise, hashlib.sha256(manifest.encode()).hexdigest()


class SpoolBench:
    """One box. `until` lets the real loop of a link turn until something is so."""

    def __init__(self, folder: Path, shelf: LyingShelf, limits: Limits = QUICK) -> None:
        self.folder, self.shelf, self._limits = folder, shelf, limits
        self.clinic_keys, self.clock = seal.make_keys(), system_clock("always")
        place = enrolment.Place(
            clinic=CLINIC, box=BOX, broker_host="", broker_port=0, shelf_host="127.0.0.1", shelf_port=shelf.port
        )
        enrolment.save(folder / "enrolment", place, seal.make_keys(), self.clinic_keys.public)
        authority.issue(shelf.authority, BOX, folder / "enrolment" / "box")
        (folder / "enrolment" / "ca.pem").write_bytes((shelf.authority / "ca.pem").read_bytes())
        (folder / "installer.py").write_text(textwrap.dedent(INSTALLER))
        (folder / "packages").mkdir()
        self._serial = 0
        self.start()

    def start(self) -> None:
        enrolled = enrolment.load(self.folder / "enrolment")
        self.store = LinkStore(self.folder / "link.db", self.folder / "bedside.db", enrolled)
        self.places = Places(
            bedside=self.folder / "bedside.db",
            spool=self.folder / "spool",
            packages=self.folder / "packages",
            audio=(sys.executable, str(self.folder / "installer.py")),
        )
        self.spooler = Spooler(enrolled, self.store, self.places, self._limits)
        self.enrolled = enrolled

    def stop(self) -> None:
        self.spooler.stop()
        self.store.close()

    # The clinic

    def order(self, content: OrderContent, *, expires_ms: int | None = None) -> None:
        self._serial += 1
        now = self.clock()
        order = Order(
            id=f"order-{self._serial}",
            box=BOX,
            serial=self._serial,
            issued_ms=now.wall_ms,
            expires_ms=expires_ms or now.wall_ms + 86_400_000,
            content=content,
        )
        letter = write_order(CLINIC, encode(order), BOX, self.enrolled.keys.public, self.clinic_keys)
        assert self.store.keep_order(order, letter, now)

    def offer(self, name: str, version: str = "1.0", size: int = 600_000, *, expires_ms: int | None = None) -> str:
        """Lay it on the shelf and offer it; its archive's hash."""
        content, fingerprint = archive(name, version, size)
        digest = self.shelf.put(content)
        word = PackageOffer(
            package=PackageReference(id=name, fingerprint=fingerprint),
            version=version,
            title=name.title(),
            archive=digest,
            size_bytes=len(content),
            path=shelf_path(digest),
        )
        self.order(word, expires_ms=expires_ms)
        return digest

    def withdraw(self, name: str, version: str = "1.0") -> None:
        self.order(PackageWithdrawn(package=PackageReference(id=name, fingerprint=archive(name, version)[1])))

    def prescribe(self, plan: CarePlan | None) -> None:
        self.order(PlanOrder(plan=plan))

    def states(self) -> list[PackageState]:
        """What the clinic is told, in order."""
        told = []
        for row in rows(self.store._database.conn, self.store.own.epoch, 0, 1000):  # the sealed letters themselves
            letter = seal.verify(row.letter, self.enrolled.keys.public)
            content = decode(seal.open_body(letter, self.clinic_keys), Report).content
            if isinstance(content, PackageState):
                told.append(content)
        return told

    def told(self) -> list[tuple[str, str]]:
        return [(state.state, state.reason) for state in self.states()]

    # The box

    def installer_says(self, *codes: tuple[int, str]) -> None:
        (self.folder / "installer.json").write_text(json.dumps({"codes": codes}))

    def installer_lingers(self) -> None:
        """The next installation waits, after its last rename, until it may end."""
        os.mkfifo(self.folder / "installer.gate")

    def installer_may_end(self) -> None:
        (self.folder / "installer.gate").write_bytes(b"")

    def installer_was_asked(self) -> list[str]:
        log = self.folder / "installer.log"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []

    def draft(self, step: str | None) -> None:
        """What the kiosk writes when a session goes on to a step; None: it is over."""
        database = open_writer(self.folder / "bedside.db")
        database.execute("CREATE TABLE IF NOT EXISTS draft (one INTEGER PRIMARY KEY, draft BLOB NOT NULL)")
        database.execute("DELETE FROM draft")
        if step:
            database.execute("INSERT INTO draft VALUES (1, ?)", (json.dumps({"step": step}).encode(),))
        database.close()

    def manifest(self, name: str) -> str:
        file = self.folder / "packages" / name / "manifest.toml"
        return file.read_text() if file.exists() else ""

    def part_bytes(self, digest: str) -> int:
        part = self.folder / "spool" / f"{digest}.part"
        return part.stat().st_size if part.exists() else 0

    def row(self, name: str) -> Row:
        return next(row for row in self.store.packages.rows() if row.id == name)

    def status(self, name: str) -> PackageStatus:
        found = read_status(self.folder / "bedside.db", self.folder / "link.db").packages
        return next(told for told in found if told.id == name)

    def turn(self) -> None:
        due_ms = self.spooler.due_ms(self.clock())
        select.select(self.spooler.watched, [], [], min(0.1, 0.1 if due_ms is None else due_ms / 1000))
        self.spooler.turn(self.clock())

    def until(self, so: Callable[[], bool]) -> None:
        """Turn until it is so. Raises AssertionError after a time that no machine needs."""
        end_s = time.monotonic() + SOON_S
        while not so():
            assert time.monotonic() < end_s, (self.store.packages.rows(), self.told(), self.shelf.asked)
            self.turn()

    def until_stage(self, name: str, stage: str) -> None:
        self.until(lambda: self.row(name).stage == stage)
