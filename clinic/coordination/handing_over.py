"""The handover of a shift (« relève »): what is open, what is new and what has ended since the last one, by itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from clinic import worklist
from clinic.clock import now_ms
from clinic.coordination.models import Handover, HandoverLine, HandoverReading, Task
from clinic.correspondence.models import HelpRequest
from clinic.errors import RecordError
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import CareTeamParticipant, Patient, Practitioner, Team
from clinic.worklist import Entry

FIRST_H = 24
"""How far the first handover of a team looks back."""
WORDS_MAX, LINE_MAX, PATIENTS_MAX, ENDED_MAX = 4000, 2000, 200, 20
SHOWN_MAX = 30


def teams_of(who: Practitioner) -> QuerySet[Team]:
    return who.teams.select_related("establishment").order_by("establishment__name", "name")


def patients_in(team: Team, who: Practitioner) -> QuerySet[Patient]:
    """Those of the reader's patients whom anybody of this team follows."""
    followed = CareTeamParticipant.objects.filter(practitioner__in=team.members.all(), until_ms=None)
    return patients_of(who, What.READ_RECORD).filter(pk__in=followed.values("patient"))


def last_of(team: Team) -> Handover | None:
    return Handover.objects.filter(team=team).order_by("-written_ms", "-pk").first()


@dataclass
class Draft:
    """What will stand of one patient, before anybody writes a word."""

    patient: Patient
    entries: list[tuple[Entry, bool]] = field(default_factory=list)
    """Each with whether it is new since the handover before."""
    ended: list[Task | HelpRequest] = field(default_factory=list)


def since_ms(last: Handover | None, at_ms: int) -> int:
    """From when on a handover tells, after the `last` one of its team."""
    return last.written_ms if last else at_ms - FIRST_H * 3_600_000


def drafts(team: Team, who: Practitioner, at_ms: int, since: int) -> list[Draft]:
    """Of each patient of the team whom the author follows and of whom there is something, by name."""
    found = {patient.id: Draft(patient) for patient in patients_in(team, who)[:PATIENTS_MAX]}
    for entry in worklist.gather(worklist.waiting_for(who, at_ms).entries):
        if entry.patient is not None and entry.patient.id in found:
            found[entry.patient.id].entries.append((entry, entry.since_ms >= since))
    for one in _ended(list(found), who, since):
        if one.patient_id in found and len(found[one.patient_id].ended) < ENDED_MAX:
            found[one.patient_id].ended.append(one)
    return list(found.values())


def _ended(patients: list[str], who: Practitioner, since: int) -> Iterable[Task | HelpRequest]:
    """Tasks that somebody ended with words, and requests for help that were closed."""
    del who  # the patients are those whom they follow
    tasks = Task.objects.filter(patient__in=patients, ended_ms__gte=since).exclude(done="")
    helped = HelpRequest.objects.filter(patient__in=patients, closed_ms__gte=since)
    yield from tasks.select_related("ended_by").order_by("-ended_ms")
    yield from helped.select_related("closed_by").order_by("-closed_ms")


def write(team: Team, by: Practitioner, words: str, lines: dict[str, str]) -> Handover:
    """Keep the handover as it is now. `lines`: words of each patient, by id; of whom is nothing, nothing is kept.

    Raises RecordError: nobody would learn anything from it.
    """
    at_ms = now_ms()
    since = since_ms(last_of(team), at_ms)
    made = [draft for draft in drafts(team, by, at_ms, since) if draft.entries or draft.ended or _said(lines, draft)]
    if not made and not words.strip():
        raise RecordError("nothing is open, nothing has ended: write at least a word")
    with transaction.atomic():
        kept = Handover.objects.create(
            team=team, author=by, since_ms=since, written_ms=at_ms, words=words.strip()[:WORDS_MAX]
        )
        HandoverLine.objects.bulk_create(_line(kept, draft, _said(lines, draft)) for draft in made)
        HandoverReading.objects.create(handover=kept, reader=by, read_ms=at_ms)
    return kept


def _said(lines: dict[str, str], draft: Draft) -> str:
    return lines.get(draft.patient.id, "").strip()[:LINE_MAX]


def _line(handover: Handover, draft: Draft, words: str) -> HandoverLine:
    return HandoverLine(
        handover=handover,
        patient=draft.patient,
        words=words,
        found=[found(entry, new=new) for entry, new in draft.entries],
        ended=[ended(one) for one in draft.ended],
    )


def found(entry: Entry, *, new: bool) -> dict[str, Any]:
    """As it is kept, and shown: an entry may be gone when it is read."""
    return {
        "kind": entry.kind,
        "since_ms": entry.since_ms,
        "uncertain": entry.uncertain,
        "what": entry.what,
        "score": entry.score,
        "rule": entry.rule,
        "due_ms": entry.due_ms,
        "owner": str(entry.owner) if entry.owner else "",
        "new": new,
        "older": entry.older,
    }


def ended(one: Task | HelpRequest) -> dict[str, Any]:
    if isinstance(one, Task):
        told = {"kind": one.kind, "what": one.reason, "score": one.score, "rule": ""}
        return {**told, "ended_ms": one.ended_ms, "done": one.done, "by": str(one.ended_by or "")}
    told = {"kind": "help", "what": "", "score": None, "rule": one.rule}
    return {**told, "ended_ms": one.closed_ms, "done": one.done, "by": str(one.closed_by or "")}


def of_teams(who: Practitioner) -> QuerySet[Handover]:
    """Those of their teams, the last ones first."""
    found_all = Handover.objects.filter(team__in=who.teams.all()).select_related("team__establishment", "author")
    return found_all.order_by("-written_ms", "-pk")


def lines_for(handover: Handover, who: Practitioner) -> QuerySet[HandoverLine]:
    """What it says of the reader's own patients."""
    return handover.lines.filter(patient__in=patients_of(who, What.READ_RECORD)).select_related("patient")


def mark_read(handover: Handover, reader: Practitioner) -> None:
    HandoverReading.objects.get_or_create(handover=handover, reader=reader, defaults={"read_ms": now_ms()})
