"""`make campaign ROUNDS=500 SEED=s`: the wire on real processes under kills, cuts and full disks, counted in and out.

    python -m tests.campaign --rounds 500 --seed 0 --houses 2 --page docs/campaign.md

Each round has the seed of its number. A failing one prints its seed; its house is copied to var/campaign, and the
rounds go on in a new one. 1 when anything was lost, came twice, or was said too early. Ended by hand (Ctrl+C) the
rounds under way go to their end, and the sum is of those that were run; once more, and it ends at once.
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.campaign import by_chance, page
from tests.campaign.database import NotNow
from tests.campaign.flood import FloodError
from tests.campaign.furniture import TOP, Furniture
from tests.campaign.house import House
from tests.campaign.judge import Verdict
from tests.campaign.network import Namespaces, Proxies, namespaces_problem
from tests.campaign.planted import FAULTS, FOUND_AS, PATIENCE_S, PATIENCE_S_MAX, SHOWN_BY
from tests.campaign.rounds import STILL_S_MAX, Campaign, Sum
from tests.support.process import ProcessError

BOXES = ("box-1", "box-2")
KEPT = TOP / "var" / "campaign"
TELL_EVERY = 10
NAMES = {"mosquitto": "mosquitto", "rabbitmq": "RabbitMQ", "sqlite": "SQLite", "postgresql": "PostgreSQL"}
_INSIDE = "CHEVET_CAMPAIGN_INSIDE"
"""Set in the process that is the campaign: the folder of its houses."""
_MOUNTS = "CHEVET_CAMPAIGN_MOUNTS"
"""Set where it has a mount namespace of its own."""


def main(words: list[str]) -> int:
    arguments = _read(words)
    if _INSIDE not in os.environ:
        return _apart(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ground = _ground(arguments.network)
    for why in ground.left_out:
        print(f"campaign: {why}", file=sys.stderr)
    folder = Path(os.environ[_INSIDE])
    if arguments.by_chance:
        return _by_chance(arguments, ground, folder)
    found = _campaign(arguments, ground, folder)
    if arguments.page and found.by_hand:
        print(f"campaign: ended by hand, {arguments.page} is left as it was", file=sys.stderr)
    elif arguments.page:
        page.write(found, arguments.page)
    print(json.dumps(found.figures()) if arguments.json else page.report(found))
    return 1 if found.failed or found.unproved else 0


def _read(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.campaign", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no round begins later")
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    parser.add_argument("--houses", type=int, default=1, help="at the same time; they share the rounds (default: 1)")
    parser.add_argument("--broker", choices=("mosquitto", "rabbitmq"), default="mosquitto")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite", help="the clinic's database")
    parser.add_argument("--ingests", type=int, default=1, help="processes of each house; they share on PostgreSQL")
    parser.add_argument("--network", choices=("auto", "namespaces", "proxies"), default="auto")
    parser.add_argument(
        "--planted", choices=FAULTS, default="", help="with a fault put in on purpose, and what shows it"
    )
    parser.add_argument(
        "--by-chance", action="store_true", help="how many random rounds each fault takes, ROUNDS at most"
    )
    parser.add_argument("--furniture", type=Path, help="where the furnished clinic is kept for the next time")
    parser.add_argument("--page", type=Path, help="write what was measured into this page")
    parser.add_argument("--json", action="store_true", help="the figures as one JSON object on standard output")
    return parser.parse_args(words)


@dataclass(frozen=True)
class Ground:
    """What this machine allows."""

    namespaces: bool
    small_disks: bool
    left_out: tuple[str, ...]


def _ground(network: str) -> Ground:
    problem = "" if network == "proxies" else namespaces_problem()
    if network == "namespaces" and problem:
        raise SystemExit(f"campaign: no network namespaces: {problem}")
    left_out = [f"no network namespaces ({problem}): a proxy cuts instead"] if problem else []
    small = _MOUNTS in os.environ
    if not small:
        left_out.append("no mount namespace: full disks are left out")
    return Ground(network != "proxies" and not problem, small, tuple(left_out))


def _apart(words: list[str]) -> int:
    """The campaign itself, in a session of its own: Ctrl+C at a terminal would end its brokers and boxes as well.

    The first one is passed on, the second one ends all of them. It has a mount namespace of its own where that is
    allowed: what we mount must end with us, in whatever way we end.
    """
    apart = ["unshare", "--mount", "--propagation", "private"]
    # Not in a chroot, for one: its root is no mount.
    may = os.geteuid() == 0 and shutil.which("unshare") is not None
    mounts = may and subprocess.run([*apart, "true"], capture_output=True, check=False).returncode == 0
    command = [*(apart if mounts else ()), sys.executable, "-m", "tests.campaign", *words]
    with tempfile.TemporaryDirectory(prefix="chevet-", ignore_cleanup_errors=True) as folder:
        inside = {**os.environ, _INSIDE: folder, **({_MOUNTS: "1"} if mounts else {})}
        return _ended(subprocess.Popen(command, env=inside, start_new_session=True))


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Its exit code, whatever is asked of us until then."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)
    tell = process.terminate
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            tell()
            tell = partial(os.killpg, process.pid, signal.SIGKILL)


@dataclass
class _Table:
    """What the houses lay down as they go; `lock` guards it."""

    seeds: Iterator[int]
    rounds: int
    minutes_max: float = float("inf")
    began_s: float = field(default_factory=time.monotonic)
    done: int = 0
    sums: list[Sum] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    failed: list[tuple[int, str, str]] = field(default_factory=list)
    disks: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: bool = False
    parent: int = field(default_factory=os.getppid)

    def stop(self, *_: object) -> None:
        """No round begins any more."""
        self.stopped = True
        print("campaign: the rounds under way go to their end; once more ends it at once", file=sys.stderr, flush=True)

    def take(self) -> int | None:
        if self.stopped or os.getppid() != self.parent or time.monotonic() - self.began_s > self.minutes_max * 60:
            return None
        with self.lock:
            return next(self.seeds, None)

    def tell(self, seed: int, campaign: Campaign, wrong: tuple[str, ...]) -> None:
        with self.lock:
            self.done += 1
            if wrong or self.done % TELL_EVERY == 0 or self.done == self.rounds or sys.stderr.isatty():
                minutes = (time.monotonic() - self.began_s) / 60
                kills = sum(sum(one.kills.values()) for one in self.sums)
                told = "; ".join(wrong) or "all is there"
                line = f"{self.done}/{self.rounds} rounds, {kills} kills, {minutes:.1f} min; seed {seed}: {told}"
                print(f"campaign: {line}", file=sys.stderr, flush=True)


def _furniture(arguments: argparse.Namespace, ground: Ground, folder: Path) -> Furniture:
    network = Namespaces if ground.namespaces else Proxies
    if arguments.store == "postgresql":
        folder.chmod(0o711)  # its server is another account's, and has its files below
    made = arguments.furniture or folder / "furniture"
    return Furniture(made, network.host, BOXES, arguments.broker, arguments.store, arguments.ingests)


def _by_chance(arguments: argparse.Namespace, ground: Ground, folder: Path) -> int:
    """Each fault in houses of its own, several at the same time."""
    furniture = _furniture(arguments, ground, folder)
    seeds = range(arguments.seed, arguments.seed + arguments.rounds)

    def search(fault: str) -> int | None:
        made = (House(folder / f"{fault}-{n}", furniture, ground.namespaces, ground.small_disks, fault) for n in seeds)
        needed = by_chance.rounds_needed(made, seeds)
        print(f"campaign: {fault}: {needed or 'not found'}", file=sys.stderr, flush=True)
        return needed

    with ThreadPoolExecutor(arguments.houses) as pool:
        found = dict(zip(FAULTS, pool.map(search, FAULTS), strict=True))
    print(json.dumps(found) if arguments.json else by_chance.table(found))
    return 0 if all(found.values()) else 1


def _campaign(arguments: argparse.Namespace, ground: Ground, folder: Path) -> page.Found:
    network = Namespaces if ground.namespaces else Proxies
    furniture = _furniture(arguments, ground, folder)
    seeds = iter(range(arguments.seed, arguments.seed + arguments.rounds))
    table = _Table(seeds, arguments.rounds, arguments.minutes)
    signal.signal(signal.SIGTERM, table.stop)
    print(f"campaign: {arguments.rounds} rounds begin", file=sys.stderr, flush=True)
    with ThreadPoolExecutor(arguments.houses) as pool:
        places = (folder / f"{n}" for n in range(arguments.houses))
        lives = [pool.submit(_live, place, furniture, ground, arguments.planted, table) for place in places]
        for life in lives:
            life.result()
    return page.Found(
        sums=tuple(table.sums),
        verdicts=tuple(table.verdicts),
        failed=tuple(table.failed),
        first_seed=arguments.seed,
        minutes=(time.monotonic() - table.began_s) / 60,
        network=network.kind,
        broker=NAMES[arguments.broker],
        store=f"{NAMES[arguments.store]}, ingest processes: {arguments.ingests}",
        disks=", ".join(sorted(table.disks)) or "the machine's own",
        left_out=ground.left_out,
        day=dt.datetime.now(dt.UTC).date().isoformat(),
        by_hand=table.stopped,
    )


def _live(folder: Path, furniture: Furniture, ground: Ground, planted: str, table: _Table) -> None:
    """Rounds in one house until there are no more; after a failing one in a new house."""
    number = 0
    seed = table.take()
    while seed is not None:
        number += 1
        house = House(Path(f"{folder}-{number}"), furniture, ground.namespaces, ground.small_disks, planted)
        campaign = _campaign_in(house)
        table.sums.append(campaign.sum)
        table.disks |= {f"small ones ({disk.kind})" for disk in house.disks.values()}
        try:
            while seed is not None:
                wrong = _round(campaign, seed)
                table.tell(seed, campaign, wrong)
                if wrong:
                    break
                seed = table.take()
            with contextlib.suppress(*NotNow):  # then a round has failed of it, and is told
                table.verdicts.append(campaign.verdict())
            if seed is not None:
                _keep(house, seed, wrong, table)
                seed = table.take()
        finally:
            campaign.close()


def _campaign_in(house: House) -> Campaign:
    """With a fault put in on purpose it is waited for until it is seen: what is lost is never seen to come."""
    planted = house.planted
    if not planted:
        return Campaign(house, STILL_S_MAX)
    if planted in PATIENCE_S:
        return Campaign(house, PATIENCE_S[planted])
    return Campaign(house, PATIENCE_S_MAX, lambda verdict: bool(getattr(verdict, FOUND_AS[planted])))


def _round(campaign: Campaign, seed: int) -> tuple[str, ...]:
    planted = campaign.house.planted
    try:
        return campaign.play(SHOWN_BY[planted]) if planted else campaign.run(seed)
    except ProcessError as error:
        return (f"a process did not start again: {error}",)
    except FloodError as error:
        return (str(error),)
    except NotNow as error:
        return (f"the clinic's database cannot be read: {error}",)


def _keep(house: House, seed: int, wrong: tuple[str, ...], table: _Table) -> None:
    kept = KEPT / f"seed-{seed}"
    shutil.rmtree(kept, ignore_errors=True)
    with contextlib.suppress(shutil.Error, OSError):
        house.keep(kept)
    table.failed.append((seed, "; ".join(wrong), str(kept.relative_to(TOP))))
    print(f"campaign: seed {seed} FAILED; its house is kept in {kept}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
