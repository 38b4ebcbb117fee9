"""`make simulate SCHEDULES=n SEED=s`: many seeds on all cores; a failing one is told with how to replay it.

Ended by hand (Ctrl+C) it tells of the schedules that were run.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from multiprocessing import Pool
from pathlib import Path

from tests.simulation.accidents import PLOT
from tests.simulation.planted.table import PLANTED, Planted
from tests.simulation.schedule import Outcome, run
from tests.simulation.world import Parts

HOUR_S = 3600
BLOCK = 32
PLANTED_SEEDS_MAX = 2_000
PLAIN = Parts()
_NAMES = [planted.name for planted in PLANTED]


def main(words: list[str]) -> int:
    arguments = _read(words)
    if arguments.planted is not None:
        return _find_planted(arguments)
    if arguments.replay is not None:
        _begin(arguments.store)
        return _replay(arguments.replay)
    return _campaign(arguments)


def _read(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=0, help="how many seeds (0: for --seconds)")
    parser.add_argument("--seconds", type=float, default=HOUR_S, help="stop after so long (default: an hour)")
    parser.add_argument("--seed", type=int, default=[0], nargs="+", help="the first seed; of several, each begins anew")
    parser.add_argument("--replay", type=int, help="run one seed and print its trace")
    parser.add_argument(
        "--planted",
        nargs="*",
        metavar="NAME",
        choices=_NAMES,
        help="find each planted bug, or these; tells the seeds needed",
    )
    parser.add_argument(
        "--store", choices=("sql", "django"), default="sql", help="the clinic's database (default: sql)"
    )
    parser.add_argument("--known", action="store_true", help="of --planted: by the seed that stands beside each, alone")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object on standard output")
    arguments = parser.parse_args(words)
    if len(arguments.seed) > 1 and not arguments.schedules:
        parser.error("several --seed need --schedules: how many from each")
    return arguments


_parts: list[Parts] = []
"""Of this worker."""


def _work(store: str) -> None:
    """One of several: whoever counts hears a terminal's Ctrl+C, and ends us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _begin(store)


def _begin(store: str) -> None:
    if store == "django":
        from tests.simulation.django_record import prepare

        with tempfile.TemporaryDirectory() as folder:
            _parts.append(prepare(Path(folder)))
    else:
        _parts.append(Parts())


def _run(seed: int) -> Outcome:
    return run(seed, _parts[0])


def _replay(seed: int) -> int:
    outcome = _run(seed)
    print("\n".join(outcome.lines))
    print(f"seed {seed}: {outcome.failed or 'everything held'}; trace {outcome.digest}, {outcome.events} events")
    return 1 if outcome.failed else 0


def replay_command(seed: int, store: str) -> str:
    """What brings a failed schedule again, on the database on which it failed."""
    return f".venv/bin/python -m tests.simulation --store {store} --replay {seed}"


@dataclass
class _Sum:
    """What a campaign has seen so far."""

    store: str
    began_s: float = field(default_factory=time.monotonic)
    schedules: int = 0
    events: int = 0
    reports: int = 0
    rounds_max: int = 0
    failed: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.schedules, self.events = self.schedules + 1, self.events + outcome.events
        self.reports, self.rounds_max = self.reports + outcome.reports, max(self.rounds_max, outcome.rounds)
        if outcome.failed:
            self.failed.append(outcome.seed)
            print(f"\nseed {outcome.seed}: {outcome.failed}", file=sys.stderr)
            print(f"  replay: {replay_command(outcome.seed, self.store)}", file=sys.stderr)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began_s

    def figures(self) -> dict[str, object]:
        return {
            "schedules": self.schedules,
            "failed": self.failed,
            "seconds": round(self.seconds, 1),
            "schedules_per_s": round(self.schedules / self.seconds, 2),
            "events_per_s": round(self.events / self.seconds),
            "reports": self.reports,
            "hello_rounds_max": self.rounds_max,
        }


def _campaign(arguments: argparse.Namespace) -> int:
    total = _Sum(arguments.store)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
    with suppress(KeyboardInterrupt), Pool(arguments.workers, _work, (arguments.store,)) as pool:
        for block in chain.from_iterable(_blocks(first, arguments, total) for first in arguments.seed):
            for outcome in pool.imap_unordered(_run, block):
                total.add(outcome)
                _progress(total)
    figures = total.figures() | {"first_seeds": arguments.seed, "store": arguments.store, "workers": arguments.workers}
    print(file=sys.stderr)
    print(json.dumps(figures) if arguments.json else " ".join(f"{name}={value}" for name, value in figures.items()))
    return 1 if total.failed else 0


def _blocks(first: int, arguments: argparse.Namespace, total: _Sum) -> Iterator[range]:
    """Seeds by the block, while there is time and until all asked for are run."""
    step = arguments.workers * BLOCK
    last = first + arguments.schedules if arguments.schedules else sys.maxsize
    while first < last and total.seconds < arguments.seconds:
        yield range(first, min(first + step, last))
        first += step


def _progress(total: _Sum) -> None:
    if sys.stderr.isatty() or total.schedules % 100 == 0:
        rate = total.schedules / total.seconds
        print(f"\r{total.schedules} schedules, {rate:.1f}/s, {len(total.failed)} failed", end="", file=sys.stderr)
        sys.stderr.flush()


def needed(
    planted: Planted, count: int = PLANTED_SEEDS_MAX, store: Parts = PLAIN, first: int | None = None
) -> int | None:
    """How many seeds it took to find a planted bug, from `first`, or from where its plot begins; None: all passed."""
    begin = planted.seed // PLOT * PLOT if first is None else first
    for number, seed in enumerate(range(begin, begin + count), 1):
        if finds(planted, seed, store):
            return number
    return None


def finds(planted: Planted, seed: int, store: Parts = PLAIN) -> bool:
    """Whether an invariant breaks that holds without the bug. A fault is no find: the bug's own code may raise it."""
    parts = planted.on(store)
    return parts is not None and bool(run(seed, parts).broken) and _holds(seed, store)


@cache
def _holds(seed: int, store: Parts) -> bool:
    return not run(seed, store).failed


def _needed_here(planted: Planted) -> int | None:
    return needed(planted, store=_parts[0])


def _found_by_known(planted: Planted) -> int | None:
    return needed(planted, 1, _parts[0], planted.seed)


def _find_planted(arguments: argparse.Namespace) -> int:
    began, found = time.monotonic(), {}
    wanted = [planted for planted in PLANTED if planted.name in (arguments.planted or _NAMES)]
    if arguments.store != "sql":
        wanted = [planted for planted in wanted if planted.parts.record is PLAIN.record]
    search = _found_by_known if arguments.known else _needed_here
    with Pool(arguments.workers, _work, (arguments.store,)) as pool:
        for planted, seeds in zip(wanted, pool.imap(search, wanted, chunksize=1), strict=True):
            found[planted.name] = seeds
            print(f"{planted.name:<42} {seeds if seeds is not None else 'NOT FOUND'}", file=sys.stderr, flush=True)
    missed = [name for name, seeds in found.items() if seeds is None]
    print(json.dumps(found) if arguments.json else f"{len(found) - len(missed)} of {len(found)} planted bugs found in "
          f"{time.monotonic() - began:.0f} s; most seeds needed: {max(s or 0 for s in found.values())}")  # fmt: skip
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
