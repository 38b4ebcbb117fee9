"""The checklist of a place in the words of staff. Its own lines are French in their file, and said by the catalogue."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils import formats, translation
from django.utils.translation import gettext

from clinic.suitability.assessing import Newest
from clinic.suitability.checklist import CALL, NETWORK, NO, NO_NETWORK, NOT_SEEN, YES, ChecklistLine, lines_of
from clinic.suitability.models import HomeChecklist, HomeChecklistAnswer

Place, Method, Outcome = HomeChecklist.Place, HomeChecklist.Method, HomeChecklist.Outcome


def outcome_said(outcome: str) -> str:
    return {
        Outcome.SUITABLE.value: gettext("convient"),
        Outcome.WITH_ARRANGEMENTS.value: gettext("convient avec des aménagements"),
        Outcome.NOT_NOW.value: gettext("pas maintenant"),
    }[outcome]


def place_said(place: str) -> str:
    return {
        Place.HOME.value: gettext("à domicile"),
        Place.ESTABLISHMENT.value: gettext("dans une chambre d’établissement"),
    }[place]


def method_said(method: str) -> str:
    return {Method.VISIT.value: gettext("en visite"), Method.TELEPHONE.value: gettext("par téléphone")}[method]


def answer_said(line: ChecklistLine, answer: str) -> str:
    words = {YES: gettext("Oui"), NO: gettext("Non"), NOT_SEEN: gettext("Pas vu")}
    return words.get(answer) or gettext(line.options[answer])


def day_said(day: dt.date) -> str:
    french = (translation.get_language() or "fr").startswith("fr")
    return formats.date_format(day, "j F Y" if french else "j M Y")


def newest_said(newest: Newest | None) -> str:
    """« convient, 12 novembre 2026 », where a box is lent or a plan begins."""
    if newest is None:
        return gettext("pas encore regardé")
    return f"{outcome_said(newest.outcome)}, {day_said(newest.made_on)}"


@dataclass(frozen=True)
class ToldLine:
    row: HomeChecklistAnswer
    title: str
    question: str
    said: str
    remedy: str


@dataclass
class ToldChecklist:
    """`missing`: each « no », with its remedy. `network`: which one; none is an answer like the others."""

    kept: HomeChecklist
    outcome: str
    how: str
    day: str
    network: ToldLine | None = None
    missing: list[ToldLine] = field(default_factory=list)
    unseen: list[ToldLine] = field(default_factory=list)
    well: list[ToldLine] = field(default_factory=list)

    @property
    def without_network(self) -> bool:
        return self.network is not None and self.network.row.answer == NO_NETWORK

    @property
    def cut_off(self) -> bool:
        """The box reaches nobody at once, and nobody has seen another way to call."""
        return self.without_network and all(line.row.item != CALL for line in self.well)

    @property
    def plain(self) -> list[ToldLine]:
        return [line for line in self.well if not line.row.remark]

    @property
    def remarked(self) -> list[ToldLine]:
        return [line for line in self.well if line.row.remark]


def tell_heading(kept: HomeChecklist) -> ToldChecklist:
    """Without its lines: for a list of versions."""
    how = f"{place_said(kept.place)}, {method_said(kept.method)}"
    return ToldChecklist(kept, outcome_said(kept.outcome), how, day_said(kept.made_on))


def tell_checklist(kept: HomeChecklist) -> ToldChecklist:
    told = tell_heading(kept)
    for line in _lines(kept):
        if line.row.answer == NOT_SEEN:
            told.unseen.append(line)
        elif line.row.item == NETWORK:
            told.network = line
        else:
            (told.missing if line.row.answer == NO else told.well).append(line)
    return told


def _lines(kept: HomeChecklist) -> Iterator[ToldLine]:
    words = lines_of(kept.questionnaire)
    for row in kept.answers.select_related("task"):
        line = words.get(row.item)
        if line is None:
            yield ToldLine(row, row.item, row.item, row.answer, "")
            continue
        remedy = gettext(line.remedy) if line.remedy else ""
        yield ToldLine(row, gettext(line.title), gettext(line.question), answer_said(line, row.answer), remedy)
