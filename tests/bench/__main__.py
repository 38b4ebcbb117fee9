"""`make bench`: speed and memory on the real processes, beside their peers and limits, in one run.

    python -m tests.bench            all of it, about 25 minutes: docs/bench.md, bench-how.md and bench.json
    python -m tests.bench --quick    a look, about two minutes: var/bench/
    python -m tests.bench wire       the wire alone, about eleven minutes: docs/bench-wire.md and .json
    python -m tests.bench wire-bytes the bytes of a session alone, a minute: put into the former page of the wire
    python -m tests.bench wire-two   one ingest and two on PostgreSQL, a minute: put into the former page of the wire
    python -m tests.bench wire-calls a call for help among 1,000 boxes that come back, and from a box that does not know
                                     its channel; four minutes: put into the former page of the wire
    python -m tests.bench console    every page of the clinic's console, 1,000,000 sessions: docs/bench-console.md
    python -m tests.bench staff      fifty staff at once on that clinic, boxes sending: docs/bench-console.md
    python -m tests.bench soak [8]   hours of sessions, at twenty times their speed: docs/soak.json and docs/bench.md

It ends with 1 when a limit is missed.
"""

import argparse
import datetime as dt
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.bench import (
    console,
    every_screen,
    journeys,
    machine,
    memory,
    page,
    record,
    rendering,
    soak,
    sound,
    starting,
    touching,
)
from tests.bench.alone import BenchRunsError, alone
from tests.bench.care import Walk, furnished
from tests.bench.figures import Figure, missed
from tests.bench.peers import players
from tests.bench.peers import run as peers
from tests.bench.plan import QUICK, SIZE, WHOLE, Amount
from tests.bench.waiting import Watching, figures
from tests.bench.wire import measure as wire
from tests.bench.wire import one_box
from tests.bench.wire.plan import QUICK as WIRE_QUICK
from tests.bench.wire.plan import WHOLE as WIRE_WHOLE
from tests.support.display import Display, watched_screen
from tests.support.house import TOP, House, empty

FOLDER = TOP / "var" / "bench"
MEMORY = Path("/dev/shm")
NIGHT_S, QUICK_NIGHT_S = 96.0, 12.0


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the house is closed too
    try:
        with alone(FOLDER):
            if options.what == "console":
                return console.main(options.home, TOP / "docs", say, samples=options.samples, quick=options.quick)
            if options.what == "staff":
                return console.main_staff(options.home, TOP / "docs", say, quick=options.quick)
            if options.what == "soak":
                return _soak(options.hours)
            if options.what == "wire-bytes":
                return _wire_bytes()
            if options.what == "wire-two":
                return _wire_two()
            if options.what == "wire-calls":
                return _wire_calls()
            return max(_bench(options) if options.what == "all" else 0, _wire(options))
    except BenchRunsError as error:
        say(str(error))
        return 1


def _soak(hours: float) -> int:
    machine.above_others()
    memory_folder = MEMORY if os.access(MEMORY, os.W_OK) else None  # what is recorded does not wait for a disk
    with TemporaryDirectory(prefix="chevet-soak-", dir=memory_folder) as folder:
        found = soak.measure(Path(folder), hours, say)
    page.write_soak(found, TOP / "docs")
    lost = missed(found.figures())
    for figure in found.figures():
        say(f"  {figure.verdict:4} {figure.title}: {page.number(figure.value)} {figure.unit}")
    return 1 if lost else 0


def _bench(options: argparse.Namespace) -> int:
    amount: Amount = QUICK if options.quick else WHOLE
    out: Path = options.out or (FOLDER if options.quick else TOP / "docs")
    priority, began_s = machine.above_others(), time.monotonic()
    work = FOLDER / "work"
    empty(work)
    work.mkdir(parents=True)
    bench = Bench(work, amount)
    bench.measure()
    run = page.Run(
        day=dt.datetime.now(dt.UTC).date().isoformat(),
        amount="quick" if options.quick else "whole",
        priority=priority,
        minutes=(time.monotonic() - began_s) / 60,
        machine=machine.describe(),
        noise=tuple(bench.noise),
        figures=tuple(bench.figures),
        not_measured=tuple(bench.not_measured),
    )
    page.write(run, out)
    empty(work)
    return _verdict(run, out)


def _wire(options: argparse.Namespace) -> int:
    """A run and a page of its own, so that the one needs no whole run of the other."""
    out: Path = options.out or (FOLDER if options.quick else TOP / "docs")
    priority, began_s = machine.above_others(), time.monotonic()
    work = FOLDER / "wire"
    empty(work)
    work.mkdir(parents=True)
    noise = [machine.wait_for_quiet("the wire", 5 if options.quick else 20)]
    found = wire.measure(work, WIRE_QUICK if options.quick else WIRE_WHOLE, say)
    noise.append(machine.listen_to_the_noise("after it"))
    run = page.Run(
        day=dt.datetime.now(dt.UTC).date().isoformat(),
        amount="quick" if options.quick else "whole",
        priority=f"{priority}; {wire.load()} at the end",
        minutes=(time.monotonic() - began_s) / 60,
        machine=machine.describe(),
        noise=tuple(noise),
        figures=tuple(found.figures),
        not_measured=tuple(found.not_measured),
    )
    page.write_wire(run, out)
    empty(work)
    return _verdict(run, out, "bench-wire.md")


def _wire_bytes() -> int:
    """Counts do not depend on what else the machine does, so that they need no whole run."""
    work = FOLDER / "wire"
    empty(work)
    work.mkdir(parents=True)
    figure = wire.session(one_box.session_bytes(work / "one", say), dt.datetime.now(dt.UTC).date().isoformat())
    page.put_into_wire([figure], TOP / "docs")
    empty(work)
    return 1 if missed([figure]) else 0


def _wire_two() -> int:
    """Processes beside one another, all in one run: what is told of them are ratios and processor time."""
    machine.above_others()
    work = FOLDER / "wire"
    empty(work)
    work.mkdir(parents=True)
    day, load = dt.datetime.now(dt.UTC).date().isoformat(), wire.load()
    found = wire.measure_several(work, WIRE_WHOLE, say)
    empty(work)
    return _put_into_wire(found, "wire-two", f"{day}, {load} before")


def _wire_calls() -> int:
    """A call beside what it would be without its channel: both in one run, so that the machine is the same for both."""
    machine.above_others()
    day, load = dt.datetime.now(dt.UTC).date().isoformat(), wire.load()
    return _put_into_wire(wire.measure_calls(WIRE_WHOLE, say), "wire-calls", f"{day}, {load} before")


def _put_into_wire(found: Sequence[Figure], command: str, when: str) -> int:
    alone = f"counted alone by `python -m tests.bench {command}`, {when}"
    told = [msgspec.structs.replace(one, note=f"{one.note}; {alone}" if one.note else alone) for one in found]
    page.put_into_wire(told, TOP / "docs")
    return 1 if missed(told) or not told else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument(
        "what",
        nargs="?",
        choices=["all", "soak", "wire", "wire-bytes", "wire-two", "wire-calls", "console", "staff"],
        default="all",
        help="default: all but soak, wire-bytes, wire-two, wire-calls, console and staff",
    )
    parser.add_argument("hours", nargs="?", type=float, default=8.0, help="of the soak")
    parser.add_argument(
        "--home", type=Path, help="of the console and the staff: a demonstration that is filled already"
    )
    parser.add_argument("--samples", type=int, help="of each page of the console (default: 40, quick: 6)")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements; not written into docs/")
    parser.add_argument("--out", type=Path, help="where bench.md and bench.json go")
    return parser


def _verdict(run: page.Run, out: Path, name: str = "bench.md") -> int:
    lost = missed(run.figures)
    for figure in lost:
        say(f"MISSED {figure.title}: {page.number(figure.value)} {figure.unit}")
    say(f"{len(lost)} limits missed; {out / name}")
    return 1 if lost else 0


def say(sentence: str) -> None:
    print(f"bench: {sentence}", flush=True)


class Bench:
    """One run: each part says what it found as it goes."""

    def __init__(self, folder: Path, amount: Amount) -> None:
        self._folder, self._amount = folder, amount
        self.figures: list[Figure] = []
        self.noise: list[machine.Quiet] = []
        self.not_measured = [] if peers.python_with_tk() else ["Tk (this machine has no python3-tk)"]

    def measure(self) -> None:
        with ExitStack() as stack:
            alone = self._alone()
            self._render()
            display = stack.enter_context(watched_screen(self._folder / "screen", SIZE))
            beside = self._peers(display)
            self._part("every screen")
            self._found(*every_screen.measure(display, self._amount))
            house = self._house(display, stack, self._folder)
            self._part("starts of the kiosk")
            self._found(starting.measure(house, display, self._amount.starts, beside))
            walk = Walk(house.patient())
            self._part("touches")
            self._found(*touching.measure(walk, display, self._amount, beside))
            self._part("whole journeys")
            player_ms = alone.figures[0].value
            self._found(*journeys.measure(house, walk, self._amount.presses, alone.aplay_start_ms, player_ms))
            self._part("waiting and playing")
            self._wait(house, walk, beside)
            self._found(*memory.measure(house, beside))
            walk.patient.go_away()
            self._part("reports to the record")
            self._found(*record.measure(house, self._amount.reports, say))
            house.stop()
            self._in_memory(display, stack)

    def _in_memory(self, display: Display, stack: ExitStack) -> None:
        """A second house, on a tmpfs where the machine has one."""
        if not os.access(MEMORY, os.W_OK):
            self.not_measured.append(f"reports with every database in memory (no {MEMORY})")
            return
        self._part("reports to the record, in memory")
        folder = stack.enter_context(TemporaryDirectory(prefix="chevet-bench-", dir=MEMORY))
        house = self._house(display, stack, Path(folder))
        house.start("kiosk")
        Walk(house.patient()).patient.go_away()
        self._found(record.measure_without_the_disk(house, self._amount.reports // 2, say))

    def _alone(self) -> sound.Sound:
        self._part("the player and aplay")
        self.not_measured += players.missing()
        found = sound.measure(self._folder / "sound", self._amount, say)
        self._found(*found.figures)
        return found

    def _render(self) -> None:
        if self._amount.render:
            self._part("a montage")
            self._found(rendering.measure(self._folder, self._amount.render))

    def _peers(self, display: Display) -> list[peers.ScreenPeer]:
        self._part("the peers of the screen")
        return peers.measure(display, self._amount.taps, min(self._amount.idle_s, 10), self._amount.starts)

    def _house(self, display: Display, stack: ExitStack, folder: Path) -> House:
        say("a house: broker, ingest, player, link")
        house = furnished(folder, display.name, NIGHT_S if self._amount.dim else QUICK_NIGHT_S, SIZE)
        stack.callback(house.stop)
        house.start("broker", "ingest", "player", "link")
        return house

    def _wait(self, house: House, walk: Walk, beside: list[peers.ScreenPeer]) -> None:
        pids = {name: house.processes[name].pid for name in ("kiosk", "player", "link")}
        watching = Watching(walk, pids, self._amount, say)
        watching.walk()
        self._found(*figures(watching, beside), watching.day())

    def _part(self, name: str) -> None:
        """Say what comes; wait for a quiet machine first, and keep how quiet it was."""
        quiet = machine.wait_for_quiet(name, self._amount.quiet_s)
        self.noise.append(quiet)
        say(f"{name} (others use {quiet.busy_cores:.0%} of a core)")

    def _found(self, *found: Figure) -> None:
        for figure in found:
            self.figures.append(figure)
            say(f"  {figure.verdict:4} {figure.title}: {page.number(figure.value)} {figure.unit}")


if __name__ == "__main__":
    sys.exit(main())
