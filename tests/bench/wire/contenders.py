"""Who keeps what the broker brings: ours, the least that can, Node-RED with SQLite, mqttwarn. Each in a process."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.wire.rig import LOOK_S, UP, Rig, count
from tests.support.house import TOP
from tests.support.process import ProcessError

PEERS = TOP / "var" / "peers"
"""Where `firmware_config/workstation/setup bench` puts what stands beside us: nothing of it is in .venv."""
NODE_RED = PEERS / "node-red" / "node_modules" / "node-red" / "red.js"
MQTTWARN = PEERS / "mqttwarn" / "bin" / "mqttwarn"
RATE_LOOK_S = 0.005
"""A question of microseconds, on a connection that stands: what keeps thousands in a second is not slowed by it."""
READY_S_MAX, FIRST_S_MAX, STILL_S = 60.0, 30.0, 6.0
LOG_CHARACTERS = 2000
Say = Callable[[str], None]


@dataclass
class Contender:
    """`query` counts the different messages that it has in its `database`; `table` has a row for each it has kept."""

    name: str
    command: list[str]
    ready: str
    """What it prints once the broker has its subscription."""
    database: Path
    query: str
    table: str = "kept"
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None

    def start(self, more: Mapping[str, str] | None = None) -> None:
        """Until its subscription stands. Raises ProcessError."""
        self.wait_ready(self.launch(more))

    def launch(self, more: Mapping[str, str] | None = None) -> int:
        """Start it, and wait for nothing; how long its log is so far."""
        log = self.database.with_suffix(".log")
        environment = {**os.environ, **self.environment, **(more or {})}
        seen = log.stat().st_size if log.exists() else 0
        with log.open("a") as out:
            self.process = subprocess.Popen(self.command, env=environment, stdout=out, stderr=out, text=True, cwd=TOP)
        return seen

    def wait_ready(self, seen: int) -> None:
        """seen: as `launch` told. Raises ProcessError."""
        log, until_s = self.database.with_suffix(".log"), time.monotonic() + READY_S_MAX
        while self.ready not in log.read_text(errors="replace")[seen:]:
            if time.monotonic() > until_s or not self.lives():
                self.kill()
                raise self._failed("did not start")
            time.sleep(LOOK_S)

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """As a service manager would."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kept(self) -> int:
        return count(self.database, self.query)

    def first(self, before: int, s_max: float = FIRST_S_MAX) -> int:
        """Until it has any of what waits for it, beyond `before`; how many then. Raises ProcessError: it has none."""
        until_s = time.monotonic() + s_max
        while (some := self.kept() - before) <= 0:
            if time.monotonic() > until_s:
                raise self._failed(f"kept nothing of what waited for it in {s_max:.0f} s")
            time.sleep(LOOK_S)
        return some

    def _failed(self, how: str) -> ProcessError:
        log = self.database.with_suffix(".log")
        return ProcessError(f"{self.name} {how}; its log ends:\n{log.read_text(errors='replace')[-LOG_CHARACTERS:]}")

    def until(self, wanted: int, s_max: float) -> int:
        """Until it has so many, or has had no more for a while; how many then."""
        until_s, last, still_s = time.monotonic() + s_max, -1, time.monotonic()
        while (now := self.kept()) < wanted and time.monotonic() < until_s:
            if now != last:
                last, still_s = now, time.monotonic()
            elif time.monotonic() - still_s > STILL_S:
                break
            time.sleep(LOOK_S)
        return now

    def rows(self) -> int:
        """Beginning with 1 they are numbered: the last one's number."""
        return count(self.database, self._last)

    @property
    def _last(self) -> str:
        return f"SELECT COALESCE(MAX(rowid), 0) FROM {self.table}"  # noqa: S608  # our own words

    def rate(self, before: int, wanted: int, s_max: float) -> float:
        """Rows per second, from the first beyond `before` that is seen to the last. Raises ProcessError.

        Of a peer a message that was brought again counts, too.
        """
        until_s, seen = time.monotonic() + FIRST_S_MAX, before
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as reader:

            def look() -> int:
                time.sleep(RATE_LOOK_S)
                with contextlib.suppress(sqlite3.OperationalError):  # somebody writes
                    return int(reader.execute(self._last).fetchone()[0])
                return seen

            while (seen := look()) <= before:
                if time.monotonic() > until_s:
                    raise self._failed(f"kept nothing of what waited for it in {FIRST_S_MAX:.0f} s")
            first, began_s = seen, time.monotonic()
            news_s = began_s
            while seen < before + wanted and time.monotonic() - news_s < STILL_S and time.monotonic() - began_s < s_max:
                last, seen = seen, look()
                if seen != last:
                    news_s = time.monotonic()
        return (seen - first) / (news_s - began_s) if news_s > began_s else 0.0


def ours(rig: Rig, name: str = "Chevet") -> Contender:
    return Contender(
        name=name,
        command=[sys.executable, "-m", "clinic.cli", "ingest"],
        ready="ingest: ready",
        database=rig.database,
        query="SELECT COUNT(*) FROM results_ledgerrow",
        table="results_ledgerrow",
        environment=rig.commands.environment,
    )


def bare(rig: Rig) -> Contender:
    address = rig.address("bench-bare")
    database = rig.folder / "bare.db"
    words = [address.host, str(address.port), str(address.ca), str(address.certificate), str(address.key)]
    return Contender(
        name="bare loop",
        command=[sys.executable, "-m", "tests.bench.wire.bare", *words, UP, str(database)],
        ready="ready",
        database=database,
        query="SELECT COUNT(*) FROM kept",
    )


def node_red(rig: Rig) -> Contender:
    folder = rig.folder / "node-red"
    folder.mkdir(exist_ok=True)
    database = _empty(rig.folder / "node-red.db", "CREATE TABLE kept (topic TEXT, payload TEXT)")
    (folder / "flows.json").write_text(json.dumps(_flow(rig, database)))
    settings = (
        "module.exports = {flowFile: 'flows.json', uiPort: 0, uiHost: '127.0.0.1', httpAdminRoot: false, "
        f"httpNodeRoot: false, nodesDir: {json.dumps(str(PEERS / 'node-red' / 'node_modules'))}, "
        "telemetry: {enabled: false}, logging: {console: {level: 'info'}}}"
    )
    (folder / "settings.js").write_text(settings)
    node = shutil.which("node") or "node"
    return Contender(
        name="Node-RED, SQLite",
        command=[node, str(NODE_RED), "--userDir", str(folder), "--settings", str(folder / "settings.js")],
        ready="Connected to broker",
        database=database,
        query="SELECT COUNT(DISTINCT payload) FROM kept",
    )


def _flow(rig: Rig, database: Path) -> list[dict[str, object]]:
    address = rig.address("bench-node-red")
    files = {"cert": str(address.certificate), "key": str(address.key), "ca": str(address.ca)}
    named = dict.fromkeys(("certname", "keyname", "caname", "servername"), "")
    put = "msg.params = {$topic: msg.topic, $payload: msg.payload}; return msg;"
    broker = {
        "broker": address.host,
        "port": str(address.port),
        "tls": "tls",
        "usetls": True,
        "clientid": address.client_id,
        "autoConnect": True,
        "protocolVersion": "4",
        "keepalive": "60",
        "cleansession": False,
    }
    return [
        {"id": "flow", "type": "tab", "label": "keep"},
        {"id": "tls", "type": "tls-config", "verifyservercert": True, **files, **named},
        {"id": "broker", "type": "mqtt-broker", **broker},
        {"id": "in", "type": "mqtt in", "z": "flow", "topic": UP, "qos": "1", "datatype": "buffer", "broker": "broker",
         "wires": [["put"]]},
        {"id": "put", "type": "function", "z": "flow", "func": put, "outputs": 1, "wires": [["sql"]]},
        {"id": "db", "type": "sqlitedb", "db": str(database), "mode": "RWC"},
        {"id": "sql", "type": "sqlite", "z": "flow", "mydb": "db", "sqlquery": "prepared",
         "sql": "INSERT INTO kept VALUES ($topic, $payload)", "wires": [[]]},
    ]  # fmt: skip


def mqttwarn(rig: Rig) -> Contender:
    """Letters of form 2 are bytes: unless told otherwise it takes each for UTF-8, and drops what is not."""
    address = rig.address("bench-mqttwarn")
    database = _empty(rig.folder / "mqttwarn.db", "CREATE TABLE kept (payload TEXT)")
    settings = rig.folder / "mqttwarn.ini"
    settings.write_text(f"""[defaults]
hostname = '{address.host}'
port = {address.port}
clientid = '{address.client_id}'
cleansession = False
tls = True
ca_certs = '{address.ca}'
certfile = '{address.certificate}'
keyfile = '{address.key}'
logfile = 'stream://sys.stderr'
loglevel = INFO
launch = sqlite
[config:sqlite]
targets = {{ 'kept': [ '{database}', 'kept' ] }}
decode_utf8 = False
[{UP}]
targets = sqlite:kept
qos = 1
""")
    return Contender(
        name="mqttwarn, SQLite",
        command=[str(MQTTWARN.with_name("python")), str(MQTTWARN)],
        ready="worker threads",
        database=database,
        query="SELECT COUNT(DISTINCT payload) FROM kept",
        environment={"MQTTWARNINI": str(settings)},
    )


def _empty(database: Path, table: str) -> Path:
    """With a write-ahead log, the quickest that SQLite has with every commit on the disk."""
    made = sqlite3.connect(database)
    made.execute("PRAGMA journal_mode=WAL")
    made.execute(table)
    made.commit()
    made.close()
    return database


MAKERS: tuple[tuple[str, Path | None, Callable[[Rig], Contender]], ...] = (
    ("bare loop", None, bare),
    ("Node-RED", NODE_RED, node_red),
    ("mqttwarn", MQTTWARN, mqttwarn),
)


def here(rig: Rig) -> list[Contender]:
    return [make(rig) for _, needs, make in MAKERS if needs is None or needs.exists()]


def missing() -> list[str]:
    return [
        f"{name} (`setup bench` could not put it here)" for name, needs, _ in MAKERS if needs and not needs.exists()
    ]
