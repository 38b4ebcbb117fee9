"""A box may fall back into an older image by itself: that one must be able to write into what a newer one has left.

What it cannot know is looked at here: its tables are still there with its columns, and what came since asks nothing of
an insert that does not name it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.shell.store import BedsideStore
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.seal import make_keys
from tests.support.wire import enrolled

OUTBOX = {
    "outbox": "stream epoch seq letter landed_ms priority recorded",
    "outbox_last": "epoch seq",
}
BEDSIDE = {
    **OUTBOX,
    "draft": "one draft",
    "result": "id session kind outcome epoch seq patient landed",
    "dose": "id patient session pa2h lived_ms",
    "lived": "one lived_ms boot monotonic_ms anchor_boot anchor_wall_ms anchor_lived_ms",
    "form_done": "patient request lived_ms",
    "past": "id patient session request kind share eased own noted_ms started_ms ended_ms started_wall_ms counts "
    "before after",
    "help": "help patient epoch seq asked_ms",
    "writing": "patient about body",
    "sent_letter": "id message patient body wall_ms lived_ms",
    "tries": "patient failures until_ms boot",
    "standing": "patient state serial",
    "time_floor": "one floor",
    "box_told": "one told",
}
LINK = {
    **OUTBOX,
    "ledger": "one id",
    "acknowledged": "stream epoch serial ack",
    "contact": "one answered",
    "clinic_time": "one exchange",
    "reads": "one form",
    "refused": "id",
    "told": "id epoch seq",
    "orders": "serial id kind letter received_wall_ms",
    "package_word": "id fingerprint serial expires_ms word stage reason",
}
"""As the first image had them, 2026.11.30. A table or a column may be added to this list, never taken away."""


@pytest.mark.parametrize(("name", "first"), [("bedside.db", BEDSIDE), ("link.db", LINK)])
def test_the_first_image_can_write_into_what_this_one_leaves(name: str, first: dict[str, str], tmp_path: Path) -> None:
    enrolment = enrolled(tmp_path / "enrolment", make_keys())
    BedsideStore(tmp_path / "bedside.db", enrolment).close()
    LinkStore(tmp_path / "link.db", tmp_path / "bedside.db", enrolment).close()
    assert complaints(tmp_path / name, first) == []


def test_what_would_stop_an_older_image_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE kept (id INTEGER PRIMARY KEY, added TEXT NOT NULL, free TEXT, set_by TEXT DEFAULT '')"
        )
    assert complaints(path, {"kept": "id was", "gone": "id"}) == [
        "kept.was: an older image writes it",
        "kept.added: an older image does not name it, and it has no default",
        "gone.id: an older image writes it",
    ]


def complaints(path: Path, first: dict[str, str]) -> list[str]:
    """What an older image would stumble over in this database."""
    with closing(sqlite3.connect(path)) as database:
        return [words for table, columns in first.items() for words in _of(database, table, columns.split())]


def _of(database: sqlite3.Connection, table: str, known: list[str]) -> list[str]:
    rows = database.execute('SELECT name, "notnull", dflt_value FROM pragma_table_info(?)', (table,)).fetchall()
    now = {name: bool(must) and default is None for name, must, default in rows}
    gone = [f"{table}.{name}: an older image writes it" for name in known if name not in now]
    asked = [name for name, must in now.items() if must and name not in known]
    return gone + [f"{table}.{name}: an older image does not name it, and it has no default" for name in asked]
