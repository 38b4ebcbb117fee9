"""A session as one line of a list: when, what was heard of it, each indicator before and after, who, and the words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from clinic.console.bedside_words import respondent_said
from clinic.console.picture import name_of, side
from clinic.console.told import Outcome, outcome
from clinic.record.fhir import instant
from clinic.results.models import Evaluation
from clinic.results.sessions import SessionRecord
from clinic.spreadsheet import Value

MOMENTS = ("before", "after")


@dataclass(frozen=True)
class Cell:
    """One indicator: « 6 », « décliné », or a dash where it was not asked at all."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    record: SessionRecord
    cells: tuple[Cell, ...]

    @property
    def known_ms(self) -> int:
        session = self.record.session
        return session.first_received_ms if self.uncertain else session.started_ms

    @property
    def uncertain(self) -> bool:
        return self.record.session.error_ms is None

    @property
    def outcome(self) -> Outcome:
        return outcome(self.record.listening)

    @property
    def gaps(self) -> int:
        return self.record.listening.gaps_total if self.record.listening else 0

    @property
    def who(self) -> str:
        return ", ".join(dict.fromkeys(who_answered(one) for one in _evaluations(self.record)))

    @property
    def comments(self) -> list[tuple[str, str]]:
        told = ((gettext("Avant"), self.record.comment("before")), (gettext("Après"), self.record.comment("after")))
        return [(moment, words) for moment, words in told if words]

    @property
    def read_by(self) -> list[str]:
        """First names of those who have read an evaluation with words in it; empty: nobody has."""
        rows = commented_rows([self.record])
        found = (one.reader.given for one in self.record.readings if one.row_id in rows)
        return list(dict.fromkeys(found))


def lines(found: Sequence[SessionRecord]) -> tuple[list[str], list[Line]]:
    """(the indicators' names, the lines): a column for each indicator of any of these sessions."""
    items = list(dict.fromkeys(item for record in found for item in record.cones))
    told = [Line(record, tuple(_cell(record, item) for item in items)) for record in found]
    return [name_of(item) for item in items], told


def commented_rows(found: Iterable[SessionRecord]) -> set[int]:
    """The ledger rows of the evaluations in which somebody wrote."""
    return {one.row_id for record in found for one in _evaluations(record) if any(a.words for a in one.answers.all())}


def who_answered(told: Evaluation) -> str:
    """« la personne elle-même », « un proche »."""
    if told.answered_by:
        return respondent_said(told.answered_by)
    kind = told.source.partition("/")[0]
    words = {"RelatedPerson": gettext("un proche"), "Practitioner": gettext("un soignant")}
    return words.get(kind, gettext("la personne elle-même"))


def _evaluations(record: SessionRecord) -> list[Evaluation]:
    return [one for one in (record.before, record.after) if one is not None]


def _cell(record: SessionRecord, item: str) -> Cell:
    return Cell(name_of(item), _side(record, "before", item), _side(record, "after", item))


def _side(record: SessionRecord, moment: str, item: str) -> str:
    answer = record.answer(moment, item)
    return side(answer).said if answer else "—"


HEADS = (
    "at", "certain", "care", "outcome", "listened_s", "total_s", "exact", "gaps", "who_before", "who_after",
    "comment_before", "comment_after", "read_by",
)  # fmt: skip


def table(found: Sequence[SessionRecord]) -> tuple[Sequence[str], Iterable[Sequence[Value]]]:
    """(heads, rows) for a spreadsheet: an indicator that has no number is an empty cell with its reason beside it."""
    items = list(dict.fromkeys(item for record in found for item in record.cones))
    heads = [f"{item}_{word}" for item in items for word in ("before", "before_absent", "after", "after_absent")]
    return (*HEADS, *heads), (_row(Line(record, ()), items) for record in found)


def _row(line: Line, items: Sequence[str]) -> Sequence[Value]:
    record, heard = line.record, line.record.listening
    who = [who_answered(one) if one else "" for one in (record.before, record.after)]
    scores: list[Value] = []
    for item in items:
        for moment in MOMENTS:
            answer = record.answer(moment, item)
            scores += [answer.score if answer else None, answer.absent_reason if answer else ""]
    return (
        instant(line.known_ms),
        not line.uncertain,
        record.session.care,
        heard.outcome if heard else "",
        round(heard.listened_s, 1) if heard else None,
        round(heard.total_s, 1) if heard else None,
        heard.frames_exact if heard else None,
        heard.gaps_total if heard else None,
        *who,
        record.comment("before"),
        record.comment("after"),
        ", ".join(str(one.who) for one in record.readers),
        *scores,
    )
