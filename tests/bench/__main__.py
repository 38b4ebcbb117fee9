"""`make bench`: speed and memory on the real processes, beside their peers and limits, in one run.

    python -m tests.bench            all of it, about a quarter of an hour: docs/bench.md and docs/bench.json
    python -m tests.bench --quick    a look, about two minutes: var/bench/

It ends with 1 when a limit is missed.
"""

import argparse
import datetime as dt
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.bench import journeys, machine, memory, page, record, sound, starting, touching
from tests.bench.care import Walk, furnished
from tests.bench.figures import Figure, missed
from tests.bench.peers import run as peers
from tests.bench.plan import QUICK, SIZE, WHOLE, Amount
from tests.bench.screen import watched_screen
from tests.bench.waiting import Watching, figures
from tests.kiosk_screen.conftest import Display
from tests.support.house import TOP, empty

FOLDER = TOP / "var" / "bench"
NIGHT_S, QUICK_NIGHT_S = 96.0, 12.0


def main() -> int:
    options = _parser().parse_args()
    amount: Amount = QUICK if options.quick else WHOLE
    out: Path = options.out or (FOLDER if options.quick else TOP / "docs")
    began_s = time.monotonic()
    work = FOLDER / "work"
    empty(work)
    work.mkdir(parents=True)
    bench = Bench(work, amount)
    bench.measure()
    run = page.Run(
        day=dt.datetime.now(dt.UTC).date().isoformat(),
        amount="quick" if options.quick else "whole",
        minutes=(time.monotonic() - began_s) / 60,
        machine=machine.describe(),
        noise=tuple(bench.noise),
        figures=tuple(bench.figures),
        not_measured=() if peers.python_with_tk() else ("Tk (this machine has no python3-tk)",),
    )
    page.write(run, out)
    empty(work)
    return _verdict(run, out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements; not written into docs/")
    parser.add_argument("--out", type=Path, help="where bench.md and bench.json go")
    return parser


def _verdict(run: page.Run, out: Path) -> int:
    lost = missed(run.figures)
    for figure in lost:
        say(f"MISSED {figure.title}: {page.number(figure.value)} {figure.unit}")
    say(f"{len(lost)} limits missed; {out / 'bench.md'}")
    return 1 if lost else 0


def say(sentence: str) -> None:
    print(f"bench: {sentence}", flush=True)


class Bench:
    """One run: each part says what it found as it goes."""

    def __init__(self, folder: Path, amount: Amount) -> None:
        self._folder, self._amount = folder, amount
        self.figures: list[Figure] = []
        self.noise: list[machine.Quiet] = []

    def measure(self) -> None:
        self._listen("before")
        say(f"the player and aplay: starts, and {self._amount.wholes} x {self._amount.whole_s:.0f} s of sound")
        sound_ = sound.measure(self._folder / "sound", self._amount)
        self._found(*sound_.figures)
        with ExitStack() as stack:
            display = stack.enter_context(watched_screen(self._folder / "screen", SIZE))
            self._in_the_house(display, sound_, stack)
        self._listen("after")

    def _in_the_house(self, display: Display, alone: sound.Sound, stack: ExitStack) -> None:
        amount = self._amount
        say("the peers of the screen")
        beside = peers.measure(display, amount.taps, min(amount.idle_s, 10), amount.starts)
        say("a house: broker, ingest, player, link")
        house = furnished(self._folder, display.name, NIGHT_S if amount.dim else QUICK_NIGHT_S, SIZE)
        stack.callback(house.stop)
        house.start("broker", "ingest", "player", "link")
        say("starts of the kiosk")
        self._found(starting.measure(house, display, amount.starts, beside))
        walk = Walk(house.patient())
        say("touches")
        self._found(*touching.measure(walk, display, amount, beside))
        say(f"{amount.presses} whole journeys")
        player_ms = alone.figures[0].value
        self._found(*journeys.measure(house, walk, amount.presses, alone.aplay_start_ms, player_ms))
        self._listen("in the middle, the house waiting")
        watching = Watching(walk, house.processes["kiosk"].pid, amount, say)
        watching.walk()
        self._found(*figures(watching, beside))
        self._found(*memory.measure(house, beside))
        say(f"{amount.reports} reports")
        walk.patient.go_away()
        self._found(*record.measure(house, amount.reports, say))

    def _found(self, *found: Figure) -> None:
        for figure in found:
            self.figures.append(figure)
            say(f"  {figure.verdict:4} {figure.title}: {page.number(figure.value)} {figure.unit}")

    def _listen(self, when: str) -> None:
        self.noise.append(machine.listen_to_the_noise(when))


if __name__ == "__main__":
    sys.exit(main())
