"""Both databases: reachable, of this version, whole, and backed up."""

import sqlite3
from collections.abc import Iterator

from django.conf import settings
from django.db import Error, connections
from django.db.migrations.executor import MigrationExecutor

from clinic.audit.chain import digest
from clinic.audit.models import AuditEvent
from clinic.clock import now_ms
from clinic.coordination.dispositions import aside_to_check, held_to_check
from clinic.databases import journal_mode, told
from clinic.doctor.finding import Finding, failing, fine, warning
from clinic.home import Configuration, Home
from clinic.results.models import LedgerHead, LedgerRow

BACKUP_DAYS, DAY_MS = 7, 86_400_000
ENTRIES_READ = 1000
AHEAD_MS_MAX = 60_000
NAMES = {"default": "database", "audit": "audit database"}


def databases(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    for alias, about in NAMES.items():
        place = settings.DATABASES[alias]
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error as error:
            words = str(error).strip().splitlines()[0]
            yield failing(about, f"{told(place)}: {words}", "see `database` in clinic.toml, and that it runs")
            continue
        yield fine(about, told(place))
        if place["ENGINE"].endswith("sqlite3"):
            yield _journal(alias, about)


def _journal(alias: str, about: str) -> Finding:
    with connections[alias].cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = str(cursor.fetchone()[0]).upper()
    version = sqlite3.sqlite_version
    if mode == journal_mode():
        return fine(f"{about} journal", f"SQLite {version}, journal {mode}")
    remedy = f"stop everything that has it open, then start again: {journal_mode()} is set at the start"
    return failing(f"{about} journal", f"SQLite {version}, journal {mode}", remedy)


def migrations(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    for alias, about in NAMES.items():
        executor = MigrationExecutor(connections[alias])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            names = ", ".join(f"{one.app_label}.{one.name}" for one, _ in missing[:3])
            yield failing(
                f"{about} version", f"{len(missing)} migrations are missing: {names}", "chevet-clinic migrate"
            )
        else:
            yield fine(f"{about} version", "is of this Chevet")


def times(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    """Nothing that is written may be later than now: then the clock went back."""
    last_ms = LedgerRow.objects.order_by("-pk").values_list("received_ms", flat=True).first() or 0
    noted_ms = AuditEvent.objects.order_by("-pk").values_list("recorded_ms", flat=True).first() or 0
    ahead_ms = max(last_ms, noted_ms) - now_ms()
    if ahead_ms > AHEAD_MS_MAX:
        words = f"the record's last entry is {ahead_ms // 1000} s ahead of this machine's clock"
        yield failing("clock and record", words, "set the clock right: corrected times and codes hang on it")
    else:
        yield fine("clock and record", "agree")
    head = LedgerHead.objects.filter(pk=1).first()
    yield fine("ledger", f"{head.ledger}, {LedgerRow.objects.count()} reports" if head else "nothing has arrived yet")


def to_check(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    held, aside = held_to_check().count(), aside_to_check().count()
    if held or aside:
        words = f"{held} reports are held, {aside} arrivals could not be read"
        yield warning("quarantine", words, "see « À vérifier » on the console, `chevet-clinic quarantine`")
    else:
        yield fine("quarantine", "everything that arrived was read, or looked at by somebody")


def trail(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    """The last entries alone: `audit verify` reads them all."""
    last = list(AuditEvent.objects.exclude(digest=None).order_by("-pk")[:ENTRIES_READ])
    altered = [event.pk for event in last if digest(event) != event.digest]
    if altered:
        yield failing(
            "audit trail", f"entry {altered[0]} was altered", "keep the trail as it is; `chevet-clinic audit verify`"
        )
    elif last:
        words = f"the last {len(last)} entries are whole; head {last[0].digest}"
        yield fine("audit trail", words)
    else:
        yield fine("audit trail", "is empty")


def backups(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    made = AuditEvent.objects.filter(action="write", detail__startswith="backup to ")
    last_ms = made.order_by("-pk").values_list("recorded_ms", flat=True).first()
    remedy = "chevet-clinic backup FILE, and carry it away from this machine"
    if last_ms is None:
        yield warning("backup", "none was ever taken", remedy)
        return
    days = max(0, now_ms() - last_ms) // DAY_MS
    words = f"the last one was taken {days} days ago"
    yield warning("backup", words, remedy) if days >= BACKUP_DAYS else fine("backup", words)
