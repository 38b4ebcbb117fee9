"""What a campaign found: figures for a machine, a table for people, the measured part of docs/campaign.md."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.campaign.accidents import LONG, REMEDIED, STARTED_AGAIN, TOLD
from tests.campaign.judge import Verdict
from tests.campaign.logs import BY_KEEPALIVE, of
from tests.campaign.rounds import Sum

FIRST, LAST = "<!-- measured by `make campaign` -->", "<!-- end of what was measured -->"


@dataclass(frozen=True)
class Found:
    """Of all houses together. failed: (seed, what was wrong, the folder that was kept).

    by_hand: somebody ended it before it had run all.
    """

    sums: tuple[Sum, ...]
    verdicts: tuple[Verdict, ...]
    failed: tuple[tuple[int, str, str], ...]
    first_seed: int
    minutes: float
    network: str
    broker: str
    store: str
    disks: str
    left_out: tuple[str, ...]
    day: str
    by_hand: bool = False

    @property
    def rounds(self) -> int:
        return sum(one.rounds for one in self.sums)

    @property
    def kills(self) -> Counter[str]:
        return sum((one.kills for one in self.sums), Counter())

    @property
    def accidents(self) -> Counter[str]:
        return sum((one.accidents for one in self.sums), Counter())

    @property
    def asked(self) -> Counter[str]:
        return sum((one.asked for one in self.sums), Counter())

    @property
    def ordered(self) -> Counter[str]:
        return sum((one.ordered for one in self.sums), Counter())

    @property
    def dropped(self) -> int:
        return sum(one.dropped for one in self.sums)

    @property
    def logged(self) -> Counter[str]:
        return sum((one.logged for one in self.sums), Counter())

    @property
    def unproved(self) -> tuple[str, ...]:
        """What was to happen by these accidents, and no log tells of it: then they were none."""
        silences = sum(self.accidents[LONG[what]] for what in ("cut", "half-open"))
        if silences and not of(BY_KEEPALIVE, self.logged):
            return (f"{silences} long cuts and silences, and no connection was found dead by its keep-alive",)
        return ()

    def count(self, what: str) -> int:
        told: list[Any] = [getattr(verdict, what) for verdict in self.verdicts]
        return sum(one if isinstance(one, int) else len(one) for one in told)

    @property
    def sentence(self) -> str:
        """The one line that says it all."""
        told = ", ".join(f"{name} {self.count(name)}" for name in ("lost", "twice"))
        told += f", still on their box {self.count('waiting')}"
        ways = f"in {self.count('went_in')}, out {self.count('came_out')}"
        return f"campaign: {self.rounds} rounds, {sum(self.kills.values())} kills, {ways}, {told}"

    def figures(self) -> dict[str, Any]:
        counts = (
            "went_in",
            "came_out",
            "floods",
            "lost",
            "waiting",
            "twice",
            "foreign",
            "forgotten",
            "aside",
            "untrue",
        )
        return {
            "rounds": self.rounds,
            "first_seed": self.first_seed,
            "kills": dict(self.kills),
            **{name: self.count(name) for name in (*counts, "plans", "orders")},
            "asked": dict(self.asked),
            "ordered": dict(self.ordered),
            "dropped": self.dropped,
            "accidents": dict(self.accidents),
            "logged": dict(self.logged),
            "unproved": list(self.unproved),
            "failed": [{"seed": seed, "wrong": wrong, "folder": folder} for seed, wrong, folder in self.failed],
            "minutes": round(self.minutes, 1),
            "network": self.network,
            "broker": self.broker,
            "store": self.store,
            "disks": self.disks,
            "left_out": list(self.left_out),
        }

    def table(self) -> list[str]:
        """In Markdown, which reads well in a terminal too."""
        rows = [("reports that a box's own database says are confirmed", self.count("went_in"))]
        rows += [
            ("reports in the clinic's table", self.count("came_out")),
            ("lost: gone, from the box too", self.count("lost")),
        ]
        rows += [("not in the table, still on their box, which goes on sending them", self.count("waiting"))]
        rows += [("twice", self.count("twice")), ("in the table, and written by no box", self.count("foreign"))]
        rows += [("said to be on the box's disk, and not there", self.count("forgotten"))]
        rows += [("said to be in the record before they were", self.count("untrue"))]
        rows += [("held or in quarantine", self.count("aside"))]
        rows += [("of those confirmed: written for floods", self.count("floods"))]
        rows += [("dropped by the broker in floods, and brought by the next hello", self.dropped)]
        rows += [(f"{kind}s that staff ordered meanwhile", count) for kind, count in sorted(self.asked.items())]
        rows += [(f"{kind}s taken, at once or again", count) for kind, count in sorted(self.ordered.items())]
        rows += [("last plan not in force on its box", self.count("plans"))]
        rows += [("messages and standings missing on a box, orders applied out of order", self.count("orders"))]
        rows += [(f"kill -9 of {what}", count) for what, count in sorted(self.kills.items())]
        told = [
            *TOLD.values(),
            *LONG.values(),
            *(what for what in self.accidents if what.endswith((STARTED_AGAIN, REMEDIED))),
        ]
        rows += [(what, self.accidents[what]) for what in told if self.accidents[what]]
        rows += sorted(self.logged.items())
        return ["| what | times |", "|---|---:|", *(f"| {what} | {count} |" for what, count in rows)]

    def settle(self) -> str:
        """How long it took after a round until everything was in the table and every box knew it."""
        times = [seconds for one in self.sums for seconds in one.settle_s]
        if len(times) < 2:
            return ""
        middle, most = statistics.median(times), max(times)
        return f"until all had arrived after a round: {middle:.1f} s (median), {most:.0f} s at most"


def report(found: Found) -> str:
    lines = [found.sentence, "", *found.table(), "", found.settle()]
    lines += [f"not proved: {what}" for what in found.unproved]
    lines += [f"left out here: {why}" for why in found.left_out]
    return "\n".join(lines)


def write(found: Found, page: Path) -> None:
    """Put what was measured into the page, in the place of what stood there."""
    text = page.read_text()
    start, end = text.index(FIRST) + len(FIRST), text.index(LAST)
    how = (
        f"{found.day}, {found.minutes:.0f} minutes, seeds {found.first_seed} to {found.first_seed + found.rounds - 1}; "
        f"{found.broker}; {found.store}; {found.network}; disks: {found.disks}; {found.settle()}."
    )
    failed: Sequence[str] = [f"- failed: seed {seed}: {wrong}" for seed, wrong, _ in found.failed]
    failed = [*failed, *(f"- not proved: {what}" for what in found.unproved)]
    inside = ["", f"**{found.sentence}**", "", how, "", *found.table(), "", *failed]
    page.write_text(text[:start] + "\n".join(inside) + "\n" + text[end:])
