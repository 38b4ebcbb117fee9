"""An entry of « Ma journée » as staff read it: what it is, whose, until when, and to whom it was passed on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from clinic.console.bedside_words import rule_said, standing_said
from clinic.console.kind_words import kind_said
from clinic.console.role_words import role_said
from clinic.escalation import REFERENT, Escalation, escalate
from clinic.people.models import CareTeamParticipant, Practitioner
from clinic.plans.standing import withdrawn
from clinic.worklist import Entry

FIRST = ("help", "strong-pain")
"""These stand before everything else, in this order, whatever their deadline."""


@dataclass(frozen=True)
class Member:
    """Of a patient's team, now."""

    practitioner: Practitioner
    referring: bool


Team = dict[str, list[Member]]
"""By patient."""
DEADLINE_LESS = frozenset({"task"})
"""A task without a due time has no deadline of the house."""


@dataclass(frozen=True)
class ToldEntry:
    entry: Entry
    escalation: Escalation | None
    to: str
    """« infirmier de coordination : Nadia Benali », whom it has been passed on to; empty before its deadline."""
    then: str
    mine: bool
    """Taken by the reader, or passed on to their role."""
    standing: str = ""
    """« décès », where the person is not active any more."""

    @property
    def kind(self) -> str:
        return kind_said(self.entry.kind)

    @property
    def who(self) -> str:
        patient = self.entry.patient
        if patient is not None:
            return f"{patient.given} {patient.family}"
        return gettext("Une personne de la boîte %(box)s") % {"box": self.entry.box}

    @property
    def why(self) -> str:
        """What is known of it beside the person's words."""
        if self.entry.kind == "strong-pain" and self.entry.score is not None:
            return gettext("douleur %(score)s sur 10") % {"score": self.entry.score}
        return rule_said(self.entry.rule)

    @property
    def address(self) -> str:
        return reverse(self.entry.page, args=self.entry.arguments)

    @property
    def late(self) -> bool:
        return self.escalation is not None and self.escalation.late

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """Of strong pain the latest first: it may hurt now."""
        kind, deadline_ms = self.entry.kind, self.escalation.deadline_ms if self.escalation else 2**62
        if kind in FIRST:
            return FIRST.index(kind), False, -self.entry.since_ms if kind == "strong-pain" else self.entry.since_ms, 0
        return len(FIRST), not self.late, deadline_ms, self.entry.since_ms


@dataclass(frozen=True)
class Around:
    """The patients of some entries: who cares for each, and the state of those who are not active any more."""

    team: Team
    states: dict[str, str]


def around(entries: Iterable[Entry]) -> Around:
    """Three queries. A few people care for hundreds of patients: each of them is fetched once."""
    ids = {entry.patient.id for entry in entries if entry.patient}
    here = CareTeamParticipant.objects.filter(patient__in=ids, until_ms=None).order_by("-referring", "since_ms")
    teams = list(here.values_list("patient_id", "practitioner_id", "referring"))
    open_accounts = Practitioner.objects.filter(is_active=True).in_bulk({who for _, who, _ in teams})
    found: Team = {}
    for patient, who, referring in teams:
        if who in open_accounts:
            found.setdefault(patient, []).append(Member(open_accounts[who], referring))
    return Around(found, withdrawn(ids))


def tell(entries: Collection[Entry], known: Around, reader: Practitioner, now_ms: int) -> list[ToldEntry]:
    """The most pressing first."""
    told = [_with_standing(_tell(entry, _team_of(entry, known), reader, now_ms), known) for entry in entries]
    return sorted(told, key=lambda one: one.rank)


def _team_of(entry: Entry, known: Around) -> list[Member]:
    return known.team.get(entry.patient.id, []) if entry.patient else []


def _with_standing(told: ToldEntry, known: Around) -> ToldEntry:
    state = known.states.get(told.entry.patient.id) if told.entry.patient else None
    return replace(told, standing=standing_said(state)) if state else told


def _tell(entry: Entry, team: Sequence[Member], reader: Practitioner, now_ms: int) -> ToldEntry:
    if entry.kind in DEADLINE_LESS and entry.due_ms is None:
        return ToldEntry(entry, None, "", "", entry.owner == reader)
    everybody = frozenset(settings.ESCALATION.ladder)  # a request that bears nobody's name is for all who give care
    present = frozenset(one.practitioner.role for one in team) if entry.patient else everybody
    from_ms = max(entry.oldest_ms or entry.since_ms, entry.taken_ms or 0)
    stands = escalate(settings.ESCALATION, entry.kind, from_ms, now_ms, present, entry.due_ms)
    passed_on = [one.practitioner for one in _of_rung(stands.to, team)]
    mine = entry.owner == reader or reader in passed_on or (not entry.patient and stands.to == reader.role)
    return ToldEntry(entry, stands, _rung_said(stands.to, team), _rung_said(stands.then, team), mine)


def _of_rung(rung: str, team: Sequence[Member]) -> list[Member]:
    if rung == REFERENT:
        return [one for one in team if one.referring]
    return [one for one in team if one.practitioner.role == rung]


def _rung_said(rung: str, team: Sequence[Member]) -> str:
    if not rung:
        return ""
    said = gettext("référent") if rung == REFERENT else role_said(rung)
    names = [str(one.practitioner) for one in _of_rung(rung, team)]
    return f"{', '.join(names)} ({said})" if names else said
