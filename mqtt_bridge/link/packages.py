"""What the clinic has last said of each package, in link.db: offered or withdrawn, and what became of it.

Of the versions of a package the one last offered is to be there. A withdrawal speaks of its own version alone: that the
former one goes says nothing of the one that comes.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.packages import PackageOffer, PackageState, PackageWithdrawn
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import has_table
from mqtt_bridge.outbox import Outbox
from mqtt_bridge.sqlite import Database

log = logging.getLogger(__name__)
Stage = Literal["offered", "installed", "refused", "withdrawn", "removed"]
"""offered and withdrawn are still to be carried out."""
REASON_MAX = 100
REMEDY_MAX = 500
PACKAGES_MAX = 200
"""Those long settled are forgotten first; what is to be carried out is never forgotten."""
TABLE = """
CREATE TABLE IF NOT EXISTS package_word (
    id TEXT NOT NULL, fingerprint TEXT NOT NULL, serial INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
    word BLOB NOT NULL, stage TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', PRIMARY KEY (id, fingerprint))
"""
_FORMER_TABLE = """
INSERT OR IGNORE INTO package_word
    SELECT id, json_extract(CAST(word AS TEXT), '$.package.fingerprint'), serial, expires_ms, word, stage, reason
    FROM package
"""
"""Of before versions had words of their own."""
_SAY = """
INSERT INTO package_word (id, fingerprint, serial, expires_ms, word, stage) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id, fingerprint) DO UPDATE SET serial = excluded.serial, expires_ms = excluded.expires_ms,
    word = excluded.word, stage = excluded.stage, reason = '' WHERE excluded.serial > package_word.serial
"""
_NEWER_OFFER = "SELECT 1 FROM package_word WHERE id = ? AND serial > ? AND stage NOT IN ('withdrawn', 'removed')"
_REPLACE = """
DELETE FROM package_word WHERE id = ? AND fingerprint <> ? AND serial < ? AND stage NOT IN ('withdrawn', 'removed')
"""
_FORGET = """
DELETE FROM package_word WHERE stage NOT IN ('offered', 'withdrawn') AND serial <=
    (SELECT serial FROM package_word ORDER BY serial DESC LIMIT 1 OFFSET ?)
"""


@dataclass(frozen=True)
class Row:
    """The clinic's last word on one package. `reason`: why it was refused, or why it is not there yet."""

    id: str
    serial: int
    expires_ms: int
    word: PackageOffer | PackageWithdrawn
    stage: Stage
    reason: str = ""


class Packages:
    """Part of link.db; its writer is the link."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        database.execute(TABLE)
        if has_table(database.conn, "package"):
            with database.atomic():
                database.execute(_FORMER_TABLE)
                database.execute("DROP TABLE package")
        self._database, self._outbox = database, outbox

    def take(self, order: Order) -> None:
        """An order about a package; an older word than the one known changes nothing. Inside a transaction."""
        word = order.content
        if isinstance(word, PackageOffer):
            self._offered(word, order)
        elif isinstance(word, PackageWithdrawn):
            self._say(word, order, "withdrawn")

    def _offered(self, word: PackageOffer, order: Order) -> None:
        package = word.package
        if self._database.execute(_NEWER_OFFER, (package.id, order.serial)).fetchone() is None:
            self._database.execute(_REPLACE, (package.id, package.fingerprint, order.serial))
            self._say(word, order, "offered")

    def _say(self, word: PackageOffer | PackageWithdrawn, order: Order, stage: Stage) -> None:
        package = word.package
        said = (package.id, package.fingerprint, order.serial, order.expires_ms, encode(word), stage)
        self._database.execute(_SAY, said)
        self._database.execute(_FORGET, (PACKAGES_MAX,))

    def rows(self) -> list[Row]:
        """Every package that the clinic has spoken of, in the order in which it did."""
        return list(read_rows(self._database.execute(SELECT).fetchall()))

    def to_do(self) -> list[Row]:
        """Those that are still to be dealt with."""
        return [row for row in self.rows() if row.stage in ("offered", "withdrawn")]

    def settle(self, row: Row, stage: Stage, at: Stamp, reason: str = "", remedy: str = "") -> None:
        """It is done with; the clinic is told. A newer word of the clinic's stays to be carried out."""
        with self._database.atomic():
            query = "UPDATE package_word SET stage = ?, reason = ? WHERE id = ? AND serial = ?"
            self._database.execute(query, (stage, reason[:REASON_MAX], row.id, row.serial))
            if stage in ("installed", "refused", "removed"):
                self._tell(row, stage, reason, remedy, at)

    def note(self, row: Row, reason: str, remedy: str, at: Stamp) -> None:
        """It is not done, and goes on being tried: the clinic is told each new reason once."""
        if row.reason == reason[:REASON_MAX]:
            return
        with self._database.atomic():
            query = "UPDATE package_word SET reason = ? WHERE id = ? AND serial = ?"
            self._database.execute(query, (reason[:REASON_MAX], row.id, row.serial))
            self._tell(row, "failed", reason, remedy, at)

    def again(self, row: Row) -> None:
        """It was installed and is not there any more: it is offered as before."""
        query = "UPDATE package_word SET stage = 'offered' WHERE id = ? AND serial = ?"
        self._database.execute(query, (row.id, row.serial))

    def _tell(
        self, row: Row, state: Literal["installed", "refused", "removed", "failed"], reason: str, remedy: str, at: Stamp
    ) -> None:
        content = PackageState(
            package=row.word.package, state=state, reason=reason[:REASON_MAX], remedy=remedy[:REMEDY_MAX]
        )
        self._outbox.add(content, at)


TABLE_NAME = "package_word"
SELECT = "SELECT id, serial, expires_ms, word, stage, reason FROM package_word ORDER BY serial"
Columns = tuple[str, int, int, bytes, Stage, str]


def read_rows(found: Iterable[Columns]) -> Iterator[Row]:
    """A word that cannot be read (another version of the box wrote it) is left alone: reports do not wait for it."""
    kind: type[PackageOffer | PackageWithdrawn] = PackageOffer | PackageWithdrawn  # type: ignore[assignment]
    for name, serial, expires_ms, word, stage, reason in found:
        try:
            yield Row(name, serial, expires_ms, decode(word, kind), stage, reason)
        except ContractError as error:
            log.error("what the clinic said of the package %s cannot be read: %s", name, error)  # noqa: TRY400
