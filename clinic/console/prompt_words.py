"""A prompt to readjust in words: what was seen, with its numbers. It says what to look at, never what to do."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from clinic.clock import now_ms
from clinic.console.picture import name_of
from clinic.console.templatetags.words import ago, dba, decimal, moment
from clinic.fleet.models import Device
from clinic.results.facts import Gain
from clinic.results.progress import Standing
from clinic.results.prompts import THRESHOLDS, Kind, Prompt

SILENT_MS = 3 * 86_400_000
"""A box that was not heard for so long: nobody knows whether something was listened to (X4)."""


@dataclass(frozen=True)
class ToldPrompt:
    standing: Standing
    title: str
    reason: str

    @property
    def prompt(self) -> Prompt:
        return self.standing.prompt

    @property
    def aside(self) -> str:
        """Who set it aside and when, empty while it stands."""
        kept = self.standing.aside
        if kept is None:
            return ""
        words = gettext("Mis de côté par %(who)s le %(at)s : %(reason)s")
        return words % {"who": str(kept.by), "at": moment(kept.at_ms), "reason": kept.reason}


def tell_prompt(standing: Standing, box: Device | None) -> ToldPrompt:
    prompt = standing.prompt
    return ToldPrompt(standing, title_of(prompt.kind), reason_of(prompt, box))


def title_of(kind: Kind) -> str:
    words = {
        Kind.NO_BENEFIT: gettext("Pas de mieux après les séances"),
        Kind.WORSE_AFTER: gettext("Moins bien après qu’avant"),
        Kind.NOT_LISTENED: gettext("Pas écouté"),
        Kind.STOPPED_OFTEN: gettext("Souvent arrêté"),
        Kind.LEVEL_NEAR_CAP: gettext("Niveau près du maximum"),
        Kind.DOSE_HIGH: gettext("Dose de son de la semaine élevée"),
    }
    return words[kind]


def reason_of(prompt: Prompt, box: Device | None) -> str:
    """One sentence, with the numbers that it comes from and the mark that was passed."""
    limits = THRESHOLDS
    match prompt.kind:
        case Kind.NO_BENEFIT:
            words = gettext("%(gain)s ; un mieux de 1 point ou plus n’est atteint sur aucun indicateur.")
            return words % {"gain": _gain_said(prompt.gain)}
        case Kind.WORSE_AFTER:
            return gettext("%(gain)s.") % {"gain": _gain_said(prompt.gain)}
        case Kind.NOT_LISTENED:
            return _not_listened(prompt, box)
        case Kind.STOPPED_OFTEN:
            words = gettext("%(stopped)s des %(started)s dernières séances ont été arrêtées (repère : %(share)s).")
            share = f"{limits.stopped_share * 100:.0f}\N{NO-BREAK SPACE}%"
            return words % {"stopped": prompt.stopped, "started": prompt.started, "share": share}
        case Kind.LEVEL_NEAR_CAP:
            words = gettext("La personne monte le son à %(level)s en moyenne ; le plan permet %(cap)s au plus.")
            return words % {"level": dba(prompt.level_dba), "cap": dba(prompt.cap_dba)}
        case Kind.DOSE_HIGH:
            words = gettext("%(percent)s %% de la dose d’une semaine à la dernière séance (repère : %(limit)s %%).")
            return words % {"percent": round(prompt.dose_percent), "limit": round(limits.dose_week_percent)}


def _gain_said(gain: Gain | None) -> str:
    if gain is None:
        return ""
    points, item = decimal(abs(gain.points)), name_of(gain.item).lower()
    told = {"points": points, "item": item, "n": gain.sessions}
    if gain.points < 0:
        return gettext("En moyenne %(points)s point de moins bien (%(item)s) sur %(n)s séances") % told
    return gettext("Au mieux %(points)s point de mieux en moyenne (%(item)s) sur %(n)s séances") % told


def _not_listened(prompt: Prompt, box: Device | None) -> str:
    """A box that is not heard says nothing of the person: the two are told apart (X4)."""
    days = ngettext("Rien depuis %(n)s jour", "Rien depuis %(n)s jours", prompt.days) % {"n": prompt.days}
    if box is None or box.last_seen_ms is None:
        return gettext("%(days)s, et aucune boîte ne s’est fait entendre : on ne sait pas ce qui a été écouté.") % {
            "days": days
        }
    seen = {"days": days, "box": box.id, "ago": ago(box.last_seen_ms, now_ms())}
    if now_ms() - box.last_seen_ms > SILENT_MS:
        words = gettext(
            "%(days)s, mais la boîte %(box)s n’est plus entendue (%(ago)s) : on ne sait pas ce qui a été écouté."
        )
        return words % seen
    return gettext("%(days)s ; la boîte %(box)s, elle, répond (%(ago)s).") % seen
