"""Codes: compared in a thread of their own, because one costs a third of a second; those in vain are kept.

bedside.db keeps for each person how many codes were tried in vain, and until when none may be tried: nothing of what
was entered.
"""

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from kiosk.journey.effects import CheckCode
from kiosk.journey.notes import Tries
from kiosk.journey.people import delay_ms
from mqtt_bridge.contract.stamp import Stamp

TABLE = """CREATE TABLE IF NOT EXISTS tries (
    patient TEXT PRIMARY KEY, failures INTEGER NOT NULL, until_ms INTEGER NOT NULL, boot TEXT NOT NULL)"""
Compare = Callable[[str, str], bool]
"""(digest, code) -> whether it fits: `mqtt_bridge.seal.code_matches`."""


class CodeDesk:
    """Compares one code at a time, apart from the loop; `fileno` is readable once there is an answer."""

    def __init__(self, compare: Compare) -> None:
        self._compare = compare
        self._answered = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def fileno(self) -> int:
        return self._answered

    def check(self, order: CheckCode) -> None:
        """The journey asks for one at a time: a former one that nobody waits for is waited for here."""
        self._end()
        self._thread = threading.Thread(target=self._work, args=(order,), name="code", daemon=True)
        self._thread.start()

    def answers(self) -> list[tuple[str, bool]]:
        """(patient, whether it fits), oldest first."""
        try:
            os.eventfd_read(self._answered)
        except BlockingIOError:
            return []
        return [self._answers.get() for _ in range(self._answers.qsize())]

    def close(self) -> None:
        self._end()
        os.close(self._answered)

    def _end(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self, order: CheckCode) -> None:
        self._answers.put((order.patient, self._compare(order.digest, order.code)))
        os.eventfd_write(self._answered, 1)


class TriesKept:
    """On the kiosk's own database. Every method raises sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        self._database = database
        database.execute(TABLE)

    def put(self, tries: Tries, now: Stamp) -> None:
        """Within the caller's transaction."""
        if not tries.failures:
            self._database.execute("DELETE FROM tries WHERE patient = ?", (tries.patient,))
            return
        row = (tries.patient, tries.failures, tries.until_ms, now.boot)
        self._database.execute("INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?)", row)

    def all(self, now: Stamp) -> tuple[Tries, ...]:
        """Everybody's. After a start of the machine the whole wait begins anew: its length off is not known."""
        rows = self._database.execute("SELECT patient, failures, until_ms, boot FROM tries ORDER BY patient").fetchall()
        return tuple(
            Tries(str(patient), int(failures), until_ms if boot == now.boot else delay_ms(failures))
            for patient, failures, until_ms, boot in rows
        )
