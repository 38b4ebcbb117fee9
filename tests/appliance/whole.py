"""`make image-test`: one part after the other, each in a process of its own, whatever becomes of the one before it.

A night is not lost to one part: what it did not do is a row that says so. Behind each the processes that it left are
ended and its cards are taken away, since the disk does not hold those of all.
"""

import datetime as dt
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from firmware_config.image.recipe.place import TOP, VAR
from tests.appliance import parts, tidy
from tests.appliance.joining import Say
from tests.appliance.part import not_ended
from tests.appliance.qmp import EmulatorError
from tests.appliance.results import Book, Image, Run
from tests.appliance.table import Row

RUN = VAR / "run"
PART_S_MAX = 9000.0
"""Each wait within a part has its own limit; this is for what has none. The longest seen took 25 minutes."""
OF = "image.sha256"
"""In the folder of a session, and of an update: of which image the card is that later parts begin from."""
LEFT = {parts.FIRST: "short", "update": "update"}
HERE = f"{TOP}/"
"""Not told: the places of one machine say nothing on another."""
Program = Callable[[str, Path], Sequence[str]]
"""The words by which a part is run, and where it writes its rows."""


class Whole:
    """Each run goes into the book. folder: under which each start has its own; room: bytes that must be free there."""

    def __init__(
        self,
        book: Book,
        image: Image,
        commit: str,
        say: Say,
        program: Program,
        *,
        folder: Path = RUN,
        room: int = tidy.ROOM_MIN,
    ) -> None:
        self._book, self._image, self._commit = book, image, commit
        self._say, self._program, self._folder, self._room = say, program, folder, room

    def run(self, names: Sequence[str]) -> None:
        """Each of these in turn, and before it those whose card it begins from, where that is not here."""
        self._folder.mkdir(parents=True, exist_ok=True)
        tried = set[str]()
        for name in names:
            for before in _from(name):
                if before not in tried and self._no_card(before):
                    tried.add(before)
                    self._say(f"{name} begins from the card of `{before}`, which is made first")
                    self._add(self._part(before))
            self._add(self._part(name))

    def _add(self, done: Run) -> None:
        try:
            self._book.add(done)
        except (OSError, EmulatorError) as error:
            self._say(f"the table could not be written, and is kept in memory: {error}")

    def _part(self, name: str) -> Run:
        began, began_s, since_s = dt.datetime.now(dt.UTC), time.monotonic(), time.time() - 1
        missing = [self._no_card(before) for before in _from(name)]
        why = next(filter(None, [tidy.short_of(self._folder, self._room), *missing]), "")
        if why:
            self._say(f"{name}: not begun: {why}")
        rows = [not_ended(name, why, 0)] if why else self._rows(name)
        rows = [replace(row, told=row.told.replace(HERE, "")) for row in rows]
        took_s, load = time.monotonic() - began_s, os.getloadavg()[1]
        when = began.strftime("%Y-%m-%d %H:%M")
        done = Run(name, self._image, self._commit, when, round(took_s, 1), round(load, 1), tuple(rows))
        if not why:
            self._leave(done, since_s)
        return done

    def _no_card(self, before: str) -> str:
        """Why the card that this part leaves is not there, or is another image's; empty: it is there."""
        mark = self._folder / LEFT[before] / OF
        of = mark.read_text() if mark.exists() else ""
        if of == self._image.sha256:
            return ""
        return f"it begins from the card of `{before}`, which {'is of another image' if of else 'was not run'}"

    def _leave(self, done: Run, since_s: float) -> None:
        """What later parts begin from, told whose it is; and the disk as it was, unless something went wrong."""
        if done.part in LEFT and any(row.ended for row in done.rows):
            left = self._folder / LEFT[done.part]
            left.mkdir(exist_ok=True)
            (left / OF).write_text(self._image.sha256)
        if not done.fine and not tidy.short_of(self._folder, tidy.SPARE):
            self._say(f"{done.part}: its cards stay in {self._folder}")
            return
        freed = tidy.tidied(self._folder, since_s)
        self._say(f"{done.part}: {done.took_s:.0f} s; {freed / 1e9:.1f} GB of cards taken away")

    def _rows(self, name: str) -> list[Row]:
        out, errors = self._folder / f"{name}.json", self._folder / f"{name}.err"
        out.unlink(missing_ok=True)
        why = self._ran(self._program(name, out), errors)
        said = errors.read_text(errors="replace").strip()
        if said:
            print(said, file=sys.stderr, flush=True)
        told: dict[str, Any] = json.loads(out.read_text()) if out.exists() else {"rows": [], "boots": 0}
        rows = [Row(**row) for row in told["rows"]]
        if rows:
            return rows
        ends = said.splitlines()[-1:] or ["it said nothing"]
        return [not_ended(name, f"{why}: {ends[0]}", told["boots"])]

    def _ran(self, words: Sequence[str], errors: Path) -> str:
        """Run it to its end, and end all that it has left in its session; how it ended."""
        with errors.open("wb") as file:
            process = subprocess.Popen(words, stderr=file, start_new_session=True)
        try:
            has_ended = _wait(process.pid, PART_S_MAX)
        finally:  # not reaped yet: until then no other session can have its number
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return f"its program ended with {process.returncode}" if has_ended else f"ended after {PART_S_MAX:.0f} s"


def _from(name: str) -> tuple[str, ...]:
    """The parts that leave the cards from which it begins, in the order in which they are made."""
    if name in parts.ALONE:
        return ()
    return (parts.FIRST, "update") if name == parts.UPDATE_CUTS else (parts.FIRST,)


def _wait(pid: int, seconds_max: float) -> bool:
    """Whether this child of ours ended by itself within that time."""
    descriptor = os.pidfd_open(pid)
    try:
        return bool(select.select([descriptor], [], [], seconds_max)[0])
    finally:
        os.close(descriptor)
