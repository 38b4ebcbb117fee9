"""What the ear has heard, as the page tells it: the level in dBA, the week's dose beside its cap, every change."""

from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext, ngettext

from clinic.console.templatetags.words import NBSP, dba, decimal, duration
from clinic.results.models import Listening

WIDTH, HEIGHT, CAP_PERCENT = 200.0, 14.0, 100.0
UNCALIBRATED = "uncalibrated"


@dataclass(frozen=True)
class Bar:
    """The week as a bar: `filled` of WIDTH, and where the cap stands. Beyond the cap the bar goes on."""

    filled: str
    cap: str
    over: bool


@dataclass(frozen=True)
class Hearing:
    """What is told of one listening that has a level."""

    heard: Listening

    @property
    def level(self) -> str:
        return dba(self.heard.level_dba or 0.0)

    @property
    def level_max(self) -> str:
        """« au plus 76 dBA », when that is another number than the level's."""
        most = self.heard.level_max_dba
        return gettext("au plus %(level)s") % {"level": dba(most)} if most and dba(most) != self.level else ""

    @property
    def headphones(self) -> str:
        if self.heard.calibration == UNCALIBRATED:
            return gettext("casque non étalonné : niveau calculé par excès")
        return self.heard.calibration

    @property
    def week(self) -> str:
        """« 12 % de la dose d’une semaine »."""
        words = gettext("%(percent)s de la dose d’une semaine")
        if self.heard.sensitive:
            words = gettext("%(percent)s de la dose d’une semaine, mode sensible")
        return words % {"percent": percent(self.heard.dose_week_percent or 0.0)}

    @property
    def over(self) -> bool:
        return (self.heard.dose_week_percent or 0.0) > CAP_PERCENT

    @property
    def bar(self) -> Bar:
        told = self.heard.dose_week_percent or 0.0
        most = max(told, CAP_PERCENT) * 1.04
        return Bar(f"{WIDTH * told / most:.1f}", f"{WIDTH * CAP_PERCENT / most:.1f}", self.over)

    @property
    def changes(self) -> list[str]:
        """Each change of level and of the plug, in their order."""
        at_0_db = self._dba_at_0_db()
        levels = [
            (one["at_frame"], dba(at_0_db + one["gain_db"])) for one in self.heard.level_changes if at_0_db is not None
        ]
        words = {"out": gettext("casque débranché"), "in": gettext("casque branché")}
        plugs = [
            (one["at_frame"], words[one["headphones"]])
            for one in self.heard.headphones_changes
            if one["headphones"] in words
        ]
        return [self._at(frame, what) for frame, what in sorted(levels + plugs)]

    @property
    def changes_said(self) -> str:
        count = self.heard.level_changes_total + self.heard.headphones_changes_total
        return ngettext(
            "%(n)s changement de niveau ou de casque", "%(n)s changements de niveau ou de casque", count
        ) % {"n": count}

    def _at(self, frame: int, what: str) -> str:
        at = duration(frame // self.heard.rate_hz) if self.heard.rate_hz > 0 else "?"
        return gettext("à %(at)s : %(what)s") % {"at": at, "what": what}

    def _dba_at_0_db(self) -> float | None:
        """Level at gain 0: the loudest that was heard was made by the loudest gain."""
        heard = self.heard
        if heard.level_max_dba is None or heard.gain_start_db is None:
            return None
        gains: list[float] = [one["gain_db"] for one in heard.level_changes if one["at_frame"] < heard.frames_played]
        return heard.level_max_dba - max([heard.gain_start_db, *gains])


def hearing(heard: Listening | None) -> Hearing | None:
    """None when nothing was heard, or a box of before levels reported."""
    return None if heard is None or heard.level_dba is None or heard.dose_week_percent is None else Hearing(heard)


def percent(number: float) -> str:
    """0,8 %; 12 %; « moins de 0,1 % »."""
    if 0 < number < 0.1:
        return gettext("moins de %(percent)s") % {"percent": f"{decimal(0.1)}{NBSP}%"}
    shown = decimal(number) if number < 10 else formats.number_format(round(number), decimal_pos=0)
    return f"{shown}{NBSP}%"
