"""A box's processor time for a day of use: kiosk, player and link; three sessions, and the rest of the day at home.

From what each was seen to use in one walked session, so that no day has to pass.
"""

from collections.abc import Mapping

import msgspec

from tests.bench.figures import Figure
from tests.bench.wire.one_box import DAY_S, HEARTBEATS_A_DAY, HELLOS_A_DAY, SESSIONS_A_DAY
from tests.bench.wire.plan import REPORTS_OF_A_SESSION

CARE_S = 1200.0
"""Of sound in a session: twenty minutes."""


class Used(msgspec.Struct, frozen=True):
    """One process. home, playing: shares of a core. walk_s: processor time of one whole session, sound and all."""

    home: float
    playing: float
    walk_s: float


class Walked(msgspec.Struct, frozen=True):
    """A session: how long it took, and how long of it sound was played. Seconds."""

    whole_s: float
    played_s: float


class Day(msgspec.Struct, frozen=True):
    """Processor seconds of one process in a day."""

    waiting_s: float
    sessions_s: float
    letters_s: float = 0.0

    @property
    def total_s(self) -> float:
        return self.waiting_s + self.sessions_s + self.letters_s


def days(used: Mapping[str, Used], walked: Walked) -> dict[str, Day]:
    """By process. Of the link: its hellos and heartbeats too, each reckoned as dear as a third of a session."""
    told = {name: Day(one.home * DAY_S, SESSIONS_A_DAY * _session_s(one, walked)) for name, one in used.items()}
    letter_s = max(0.0, _beyond_home_s(used["link"], walked)) / REPORTS_OF_A_SESSION
    letters_s = (HELLOS_A_DAY + HEARTBEATS_A_DAY) * letter_s
    return {**told, "link": msgspec.structs.replace(told["link"], letters_s=letters_s)}


def _beyond_home_s(used: Used, walked: Walked) -> float:
    """What the session cost beside waiting at home as long."""
    return used.walk_s - used.home * walked.whole_s


def _session_s(used: Used, walked: Walked) -> float:
    """The same with twenty minutes of sound in the place of what was played.

    What does nothing for the sound is seen to use a little more or less meanwhile by chance: less is none.
    """
    sound = max(0.0, used.playing - used.home)
    return max(0.0, _beyond_home_s(used, walked)) + sound * (CARE_S - walked.played_s)


def figure(used: Mapping[str, Used], walked: Walked) -> Figure:
    found = days(used, walked)
    each = [
        f"{name} {day.total_s:.0f} s (at home {day.waiting_s:.1f}, sessions {day.sessions_s:.1f}"
        + (f", hellos and heartbeats {day.letters_s:.1f})" if day.letters_s else ")")
        for name, day in found.items()
    ]
    whole_s = sum(day.total_s for day in found.values())
    return Figure(
        name="day_of_use",
        title="Processor time of a box's day: three sessions of twenty minutes, the rest at home",
        value=whole_s,
        unit="s",
        how="the clocks of kiosk, player and link while home waits, while sound is played, and over one whole walked "
        "session; its sound made up to twenty minutes by the share while playing, three of them and the rest of a day "
        "at home's share added; the link's hellos and heartbeats, of which so short a time holds one or none, each as "
        "dear as a third of what a session costs it; the system beneath (broker, display, kernel) apart",
        note=f"{'; '.join(each)}: {whole_s / DAY_S:.2%} of a core",
    )
