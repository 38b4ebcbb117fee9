"""How many random rounds it takes to find each fault that was put in on purpose: rounds that nobody wrote for it."""

import time
from collections.abc import Iterator, Mapping, Sequence

from tests.campaign.database import NotNow
from tests.campaign.flood import FloodError
from tests.campaign.house import House
from tests.campaign.judge import Verdict
from tests.campaign.planted import FOUND_AS
from tests.campaign.rounds import STILL_S_MAX, Campaign
from tests.support.process import ProcessError

STAYS_S = 60.0
"""So long what seems lost must stay so: what was deleted too early may be on its way yet."""


def rounds_needed(houses: Iterator[House], seeds: Sequence[int]) -> int | None:
    """Rounds of these seeds until the count that must show the fault shows it; None: all have passed.

    houses: with the fault. After a round that fails otherwise (a process did not start) it goes on in a new house.
    """
    campaign: Campaign | None = None
    try:
        for number, seed in enumerate(seeds, 1):
            campaign = campaign or _in(next(houses))
            try:
                campaign.run(seed)
            except (ProcessError, FloodError, *NotNow):
                campaign.close()
                campaign = None
                continue
            if _is_found(campaign):
                return number
    finally:
        if campaign is not None:
            campaign.close()
    return None


def _in(house: House) -> Campaign:
    """With the patience of every campaign: what only comes late is no find. « Too early » and « twice » stay true."""
    what = FOUND_AS[house.planted]
    return Campaign(house, STILL_S_MAX, lambda verdict: what in ("untrue", "twice") and _shows(verdict, what))


def _is_found(campaign: Campaign) -> bool:
    what, until_s = FOUND_AS[campaign.house.planted], time.monotonic() + STAYS_S
    while what == "lost" and _shows(campaign.verdict(), what) and time.monotonic() < until_s:
        time.sleep(1)  # there is nothing to wait for: it must not come
    return _shows(campaign.verdict(), what)


def _shows(verdict: Verdict, what: str) -> bool:
    return bool(getattr(verdict, what))


def table(found: Mapping[str, int | None]) -> str:
    rows = [f"| `{fault}` | {needed or 'not found'} |" for fault, needed in found.items()]
    return "\n".join(["| fault | random rounds until it was found |", "|---|---:|", *rows])
