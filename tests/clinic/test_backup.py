"""A backup taken while everything runs, put back elsewhere: boxes send again what is missing, and it stands once."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from mqtt_bridge import authority, enrolment
from mqtt_bridge.broker import reload
from mqtt_bridge.clock import system_clock
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.outbox import Outbox
from tests.clinic.box import evaluation
from tests.clinic.parts import PASSWORD, Commands, Process, furnished, running

BIN = Path(sys.executable).parent
SECRET = "une longue nuit calme"
WAIT_S_MAX = 60.0


@pytest.fixture(scope="module")
def standing() -> Iterator[Commands]:
    """A clinic that nothing runs on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with furnished({**kept, "PYTHONWARNINGS": "error"}) as made:
        yield made


@pytest.fixture
def commands(clean_environment: dict[str, str]) -> Iterator[Commands]:
    with furnished(clean_environment) as made:
        yield made


@pytest.fixture(scope="module")
def kept(standing: Commands) -> Path:
    """A backup of it under SECRET."""
    file = standing.home.parent / "kept.chevet-backup"
    standing.run("backup", str(file), "--passphrase-file", "-", said=f"{SECRET}\n")
    return file


def until(seen: Callable[[], bool], why: str) -> None:
    end_s = time.monotonic() + WAIT_S_MAX
    while not seen():
        assert time.monotonic() < end_s, why
        time.sleep(0.05)


class BedsideBox:
    """The kiosk's outbox and the real link process, on the real broker."""

    def __init__(self, commands: Commands) -> None:
        self.folder, self.commands = commands.home.parent, commands
        self.data, self.run = self.folder / "data", self.folder / "run"
        self.data.mkdir()
        self.run.mkdir()
        self.database = open_writer(self.data / "bedside.db")
        self.outbox = Outbox(self.database, "kiosk", enrolment.load(self.folder / "box"))
        self.clock = system_clock("always")
        self.reports: list[Identity] = []

    def record(self, count: int) -> None:
        whose = PlanReference(patient="martin", plan="plan-martin", version=1)
        for _ in range(count):
            told = evaluation("before", (1, 2, 3, 4, 5), session=f"s-{len(self.reports)}")
            with self.database.atomic():
                self.reports.append(self.outbox.add(told, self.clock(), whose))

    def link(self) -> Process:
        words = ["--data", str(self.data), "--run", str(self.run), "--enrolment", str(self.folder / "box")]
        return Process(self.commands, "run", *words, "--clock", "always", program=[str(BIN / "chevet-link")])

    def all_in_record(self) -> bool:
        reader = LinkReader(self.data / "link.db")
        return all(reader.truth(one.epoch, one.seq) == "in_record" for one in self.reports)

    def ledger(self) -> str | None:
        return LinkReader(self.data / "link.db").ledger()


@pytest.mark.slow
def test_reports_sent_after_the_backup_come_again_and_stand_once(commands: Commands) -> None:
    box, file = BedsideBox(commands), commands.home.parent / "kept.chevet-backup"
    again = Commands(commands.home.parent / "again", commands.environment)
    with running(commands, "broker"):
        with running(commands, "ingest") as ingest, running(commands, "console", "--port", "0") as console:
            ingest.line()
            console.line()
            box.record(30)
            link = box.link()
            until(box.all_in_record, "the first reports did not arrive")
            box.record(30)  # on their way while the backup is taken
            told = commands.run("backup", str(file), "--passphrase-file", "-", said=f"{SECRET}\n")
            assert f"{file.stat().st_size} bytes" in told
            until(box.all_in_record, "the reports of after the backup did not arrive")
            link.stop()
            former = box.ledger()
        again.run("restore", str(file), "--passphrase-file", "-", said=f"{SECRET}\n")
        restored = json.loads(again.run("sessions", "--json"))
        assert 30 <= len(restored) <= 60, "what was there when it was taken, whole"
        with running(again, "ingest") as ingest:
            ingest.line()
            link = box.link()
            until(lambda: box.ledger() not in (former, None), "the box did not learn of the new ledger")
            until(box.all_in_record, "the box did not send again what is missing")
            link.stop()
            assert ingest.stop() == 0
    kept = json.loads(again.run("sessions", "--json"))
    assert sorted(one["session"] for one in kept) == sorted(f"s-{n}" for n in range(60))
    assert json.loads(again.run("quarantine", "--json")) == []
    assert "whole" in again.run("audit", "verify")
    assert len(json.loads(commands.run("sessions", "--json"))) == 60, "the former clinic stands as it was"
    box.database.close()


def test_everything_of_the_home_comes_back_and_opens_with_the_safes_key(standing: Commands, tmp_path: Path) -> None:
    safe, file = tmp_path / "safe", tmp_path / "kept"
    with closing(sqlite3.connect(standing.home / "clinic.db")) as record, record:
        record.execute(
            "INSERT INTO console_signedinsession (session_key, session_data, expire_date, browser, address) "
            "VALUES ('k', '', '2099-01-01', '', '')"
        )
        record.execute("INSERT OR REPLACE INTO results_ledgerhead (id, ledger, serial) VALUES (1, 'former', 7)")
    standing.run("safe-key", str(safe))
    assert "a key already" in standing.run("safe-key", str(safe), fails=True)
    archive = standing.home / "shelf" / "packages" / f"{'a' * 64}.chevet"
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(b"sound")
    assert "1 archives" in standing.run("backup", str(file), "--to-key", str(safe / "safe.public"))
    again = Commands(tmp_path / "again", standing.environment)
    assert "is whole: clinic maison" in again.run("restore", str(file), "--key", str(safe / "safe.secret"), "--check")
    assert not again.home.exists()
    told = again.run("restore", str(file), "--key", str(safe / "safe.secret"))
    assert "boxes that were revoked since then: they may come in again" in told
    _signs_out_and_opens_again(again)
    for name in (
        "clinic.toml",
        "secret-key",
        "keys/clinic.secret",
        "authority/ca.key",
        "broker/broker.crt",
        "ingest/ingest.key",
    ):
        assert (again.home / name).read_bytes() == (standing.home / name).read_bytes(), name
        assert (again.home / name).stat().st_mode & 0o007 == 0, name
    assert not (again.home / archive.relative_to(standing.home)).exists(), "its index alone"
    again.run("migrate")
    archive.unlink()


def _signs_out_and_opens_again(again: Commands) -> None:
    """Another ledger, whose serials go on; nobody signed in; the same passwords."""
    with closing(sqlite3.connect(again.home / "clinic.db")) as record:
        assert record.execute("SELECT count(*) FROM console_signedinsession").fetchone() == (0,)
        [(ledger, serial)] = record.execute("SELECT ledger, serial FROM results_ledgerhead").fetchall()
        [(password,)] = record.execute("SELECT password FROM people_practitioner").fetchall()
    assert (ledger == "former", serial) == (False, 7)
    assert PasswordHasher().verify(password.removeprefix("argon2"), PASSWORD)


def test_it_holds_nothing_in_clear_and_leaves_nothing_behind(standing: Commands, kept: Path, tmp_path: Path) -> None:
    file, raw = kept, kept.read_bytes()
    assert not [word for word in (b"Jeanne", b"Martin", b"clinic.toml", b"SQLite") if word in raw]
    assert file.stat().st_mode & 0o077 == 0
    assert not list(standing.home.glob(".backup-*"))
    assert not list(file.parent.glob("*.partial"))
    refusals = {
        str(file): "there already",
        str(standing.home / "inside"): "lost with it",
        str(tmp_path / "no" / "where"): "No such file",
    }
    for name, words in refusals.items():
        assert words in standing.run("backup", name, "--passphrase-file", "-", said=f"{SECRET}\n", fails=True)
    assert "12 characters" in standing.run(
        "backup", str(tmp_path / "x"), "--passphrase-file", "-", said="court\n", fails=True
    )


def test_an_altered_or_truncated_backup_is_refused_before_anything_is_written(
    standing: Commands, kept: Path, tmp_path: Path
) -> None:
    file, again = tmp_path / "kept", Commands(tmp_path / "again", standing.environment)
    raw = kept.read_bytes()
    middle = len(raw) // 2
    for wrong in (raw[:middle], raw[:middle] + b"\0\0" + raw[middle + 2 :]):  # every byte: test_envelope.py
        file.write_bytes(wrong)
        refused = again.run("restore", str(file), "--passphrase-file", "-", said=f"{SECRET}\n", fails=True)
        assert "take another copy" in refused
        assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]
    file.write_bytes(raw)
    assert "not this backup's" in again.run(
        "restore", str(file), "--passphrase-file", "-", said="un autre mot\n", fails=True
    )
    again.home.mkdir()
    (again.home / "mine").touch()
    refused = again.run("restore", str(file), "--passphrase-file", "-", said=f"{SECRET}\n", fails=True)
    assert "never overwritten" in refused
    assert [path.name for path in again.home.iterdir()] == ["mine"]


def test_a_newer_list_of_revoked_is_kept_and_no_list_writes_nothing(
    standing: Commands, kept: Path, tmp_path: Path
) -> None:
    words = ("restore", str(kept), "--passphrase-file", "-", "--revoked")
    again, newer = Commands(tmp_path / "again", standing.environment), tmp_path / "revoked.pem"
    newer.write_text("spoilt")
    assert "no revocation list" in again.run(*words, str(newer), said=f"{SECRET}\n", fails=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["revoked.pem"]
    serial = authority.facts((standing.home.parent / "box" / "box.crt").read_bytes()).serial
    authority.write_revoked(standing.home / "authority", [(serial, 1_800_000_000_000)], newer)
    assert "revoked here too by the newer list: box-12." in again.run(*words, str(newer), said=f"{SECRET}\n")
    for folder in ("authority", "broker"):
        assert list(authority.read_revoked(again.home / folder / "revoked.pem")) == [serial]


def test_a_disk_without_room_leaves_nothing_and_says_which(standing: Commands, kept: Path, tmp_path: Path) -> None:
    """The kernel refuses the file, as on a full disk: a limit needs no disk of its own."""
    again = tmp_path / "again"
    words = ["restore", str(kept), "--home", str(again), "--passphrase-file", "-"]
    limited = ["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", sys.executable, "-B", "-m", "clinic.cli", *words]
    environment = {name: value for name, value in standing.environment.items() if name != "CHEVET_CLINIC_HOME"}
    ran = subprocess.run(limited, input=f"{SECRET}\n", env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1), ran.stderr
    assert str(tmp_path) in ran.stderr
    assert "disk that has room" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def checks(commands: Commands, *, fails: bool = False) -> dict[str, str]:
    ran = commands.run_json("doctor", "--json", fails=fails)
    assert all(one["remedy"] or one["state"] == "ok" for one in ran), "each says what to do"
    return {one["about"]: one["state"] for one in ran}


@pytest.mark.timeout(400)
def test_the_doctor_says_what_is_wrong_and_what_to_do(clean_environment: dict[str, str]) -> None:
    with furnished(clean_environment) as commands:
        found = checks(commands, fails=True)
        assert found["broker"] == "fail"
        assert {found[name] for name in ("database", "audit database", "database version", "audit trail")} == {"ok"}
        assert {found[name] for name in ("ingest", "console", "backup", "settings")} == {"warn"}
        with running(commands, "broker"), running(commands, "ingest") as ingest:
            ingest.line()
            commands.run("backup", str(commands.home.parent / "b"), "--passphrase-file", "-", said=f"{SECRET}\n")
            well = checks(commands)
            assert {well[name] for name in ("broker", "ingest", "backup", "calls for help")} == {"ok"}
            _put_back_the_rights(commands.home / "broker")
            assert checks(commands)["calls for help"] == "warn"
            commands.run("broker", "--reload")
            assert checks(commands)["calls for help"] == "ok"
        _as_rabbitmq(commands.home)
        assert f"delete {commands.home}/broker/rabbitmq/data" in remedy_of(commands, "broker")
        _break(commands.home)
        ill = checks(commands, fails=True)
        assert ill["secret secret-key"] == "fail"
        assert ill["certificate ingest/ingest.crt"] == "fail"
        assert ill["audit trail"] == "fail"
        assert ill["clock and record"] == "fail"
        assert ill["quarantine"] == "warn"
        told = commands.run("doctor", exits=1)
        assert "checks fail" in told
        assert "→ chmod o=" in told
        shutil.move(commands.home / "clinic.db", commands.home / "away.db")
        assert checks(commands, fails=True)["database version"] == "fail"


def remedy_of(commands: Commands, about: str) -> str:
    (found,) = (one for one in commands.run_json("doctor", "--json", fails=True) if one["about"] == about)
    return str(found["remedy"])


def _put_back_the_rights(broker: Path) -> None:
    """To those of before there was a channel `urgent`, as the broker goes by them after an update of the clinic."""
    rights = (broker / "acl").read_text().splitlines()
    (broker / "acl").write_text("\n".join(line for line in rights if "urgent" not in line) + "\n")
    assert reload(broker), "its broker runs here"


def _as_rabbitmq(home: Path) -> None:
    """As a clinic whose RabbitMQ has run, and does not answer."""
    (home / "broker" / "rabbitmq" / "data").mkdir(parents=True)
    toml = home / "clinic.toml"
    told = toml.read_text()
    assert 'kind = "mosquitto"' in told
    toml.write_text(told.replace('kind = "mosquitto"', 'kind = "rabbitmq"'))


def _break(home: Path) -> None:
    """Everything at once that can go wrong without anybody's noticing."""
    (home / "secret-key").chmod(0o644)
    (home / "ingest" / "ingest.crt").write_text("no certificate")
    with closing(sqlite3.connect(home / "audit.db")) as trail, trail:
        for [name] in trail.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            trail.execute(f"DROP TRIGGER {name}")
        trail.execute("UPDATE audit_auditevent SET agent = 'nobody' WHERE id = (SELECT max(id) FROM audit_auditevent)")
    later_ms = time.time_ns() // 1_000_000 + 3_600_000
    with closing(sqlite3.connect(home / "clinic.db")) as record, record:
        record.execute(
            "INSERT INTO results_ledgerrow (device_id, stream, epoch, seq, state, payload, digest, content_digest, "
            "report, received_ms, problem, code) VALUES "
            "('box-12', 'kiosk', 'e', 1, 'held', x'', '', '', '', ?, '', 'other')",
            (later_ms,),
        )


REAL = ("init", "--clinic", "maison", "--console-host", "127.0.0.1")
DEPLOY = (
    "import django; django.setup(); from django.core.management import call_command; "
    "call_command('check', deploy=True, fail_level='WARNING')"
)


def test_a_real_clinic_passes_djangos_own_check_and_starts_with_no_secret_missing(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    commands = Commands(tmp_path / "home", clean_environment)
    commands.run(*REAL)
    settings = commands.home / "clinic.toml"
    settings.write_text(settings.read_text().replace("names = []", 'names = ["chevet.example"]'))
    environment = {**commands.environment, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    ran = subprocess.run([sys.executable, "-c", DEPLOY], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout
    for name, content in (("secret-key", None), ("secret-key", b"short"), ("keys/clinic.secret", None)):
        path = commands.home / name
        kept = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        for process in (("console", "--port", "0"), ("ingest",)):
            assert name in commands.run(*process, fails=True), (name, process)
        path.write_bytes(kept)
