"""The sessions of patients, as the record holds them: for the console's page and for `chevet-clinic sessions`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Prefetch, QuerySet, Value, When

from clinic.people.models import Practitioner
from clinic.results.models import Answer, Evaluation, Listening, Need, Reading, Session, StopReason

Key = tuple[str, str]
"""A box, and the id that it gave to a session."""


@dataclass(frozen=True)
class Reader:
    """Someone who has read some or all of a session's reports; `read_ms`: the last time."""

    who: Practitioner
    read_ms: int
    whole: bool


@dataclass(frozen=True)
class SessionRecord:
    """One session with the last of each of its reports, and the `earlier` ones that these came after."""

    session: Session
    listening: Listening | None
    before: Evaluation | None
    after: Evaluation | None
    earlier: tuple[Listening | Evaluation, ...]
    needs: tuple[Need, ...]
    stop_reason: str
    rows: frozenset[int]
    """The ledger rows of all its reports."""
    readings: tuple[Reading, ...]
    """First reader first."""

    @property
    def readers(self) -> list[Reader]:
        by_reader: dict[int, list[Reading]] = {}
        for reading in self.readings:
            by_reader.setdefault(reading.reader_id, []).append(reading)
        return [
            Reader(own[0].reader, max(r.read_ms for r in own), {r.row_id for r in own} >= self.rows)
            for own in by_reader.values()
        ]

    def answer(self, moment: str, item: str) -> Answer | None:
        told = self.before if moment == "before" else self.after
        return next((a for a in told.answers.all() if a.item == item), None) if told else None

    @property
    def cones(self) -> list[str]:
        """Items asked as a number, in the order of the form: those that no word and no choice answers."""
        answers = [a for told in (self.before, self.after) if told for a in told.answers.all()]
        words = {a.item for a in answers if a.words or a.choice or a.yes is not None or a.item == COMMENT}
        return list(dict.fromkeys(a.item for a in answers if a.item not in words))

    def comment(self, moment: str) -> str:
        told = self.before if moment == "before" else self.after
        return "\n".join(a.words for a in told.answers.all() if a.words) if told else ""


COMMENT = "commentaire"
IN_MAX = 500
"""Keys in one query: every database takes as many."""


def known_ms(session: str = "") -> Case:
    """When a session was, or, where only a clock that nobody trusts says so, when it was first heard of.

    `session`: the way to it from another model. A box that believes in another year does not hide what it brings.
    """
    uncertain = {f"{session}error_ms": None}
    return Case(When(**uncertain, then=F(f"{session}first_received_ms")), default=F(f"{session}started_ms"))


def sessions(patient_id: str | None = None) -> QuerySet[Session]:
    """Latest first; of one patient, or of all."""
    chosen = Session.objects.filter(patient_id=patient_id) if patient_id else Session.objects.all()
    parts = (
        Prefetch("listenings", Listening.objects.order_by("id")),
        Prefetch("evaluations", Evaluation.objects.order_by("id").prefetch_related("answers")),
    )
    return chosen.select_related("patient").prefetch_related(*parts).order_by(known_ms().desc(), "-id")


@dataclass(frozen=True)
class Beside:
    """What the box told of sessions beside what was heard and answered: by its box and the session's id."""

    needs: dict[Key, list[Need]]
    reasons: dict[Key, list[StopReason]]

    def rows(self, key: Key) -> set[int]:
        return {one.row_id for one in (*self.needs.get(key, ()), *self.reasons.get(key, ()))}


def beside(found: Collection[Session]) -> Beside:
    made = Beside({}, {})
    keys = sorted({(session.device_id, session.session) for session in found})
    for start in range(0, len(keys), IN_MAX):
        few = keys[start : start + IN_MAX]
        for one in _told_beside(few):
            key = (one.device_id, one.session)
            if key in few and isinstance(one, Need):
                made.needs.setdefault(key, []).append(one)
            elif key in few and isinstance(one, StopReason):
                made.reasons.setdefault(key, []).append(one)
    return made


def _told_beside(keys: Sequence[Key]) -> list[Need | StopReason]:
    """In one question, in the order of their arrival; of these boxes' other sessions too, where names are the same."""
    wanted = {"device__in": {box for box, _ in keys}, "session__in": {name for _, name in keys}}
    columns = ("kind", "pk", "row_id", "device_id", "session")
    nothing = Value("", output_field=CharField())
    needs = Need.objects.filter(**wanted).annotate(kind=Value("need", output_field=CharField()))
    reasons = StopReason.objects.filter(**wanted).annotate(
        kind=Value("reason", output_field=CharField()), offered=nothing, chosen=nothing
    )
    found: list[Need | StopReason] = []
    both = needs.values_list(*columns, "rule", "offered", "chosen").union(
        reasons.values_list(*columns, "reason", "offered", "chosen"), all=True
    )
    for kind, pk, row, box, session, told, offered, chosen in sorted(both):
        own = {"pk": pk, "row_id": row, "device_id": box, "session": session}
        if kind == "need":
            found.append(Need(**own, rule=told, offered=offered, chosen=chosen))
        else:
            found.append(StopReason(**own, reason=told))
    return found


def rows_of(found: Collection[Session], known: Beside | None = None) -> set[int]:
    """The ledger rows of all reports of these sessions, as `sessions` fetched them."""
    more = known or beside(found)
    own = {told.row_id for session in found for told in (*session.listenings.all(), *session.evaluations.all())}
    return own.union(*(more.rows((session.device_id, session.session)) for session in found))


def records(found: Iterable[Session], known: Beside | None = None) -> list[SessionRecord]:
    """As they were fetched (`known`: what stands beside them): a report that arrives meanwhile is not in them."""
    found = list(found)
    more = known or beside(found)
    readings = _readings(sorted(rows_of(found, more)))
    return [_record(session, readings, more) for session in found]


def _record(session: Session, readings: dict[int, list[Reading]], more: Beside) -> SessionRecord:
    heard, told = list(session.listenings.all()), list(session.evaluations.all())
    last = {evaluation.moment: evaluation for evaluation in told}
    rows, key = frozenset(rows_of([session], more)), (session.device_id, session.session)
    reasons = more.reasons.get(key, [])
    return SessionRecord(
        session=session,
        listening=heard[-1] if heard else None,
        before=last.get("before"),
        after=last.get("after"),
        earlier=(*heard[:-1], *(evaluation for evaluation in told if last[evaluation.moment] is not evaluation)),
        needs=tuple(more.needs.get(key, ())),
        stop_reason=reasons[-1].reason if reasons else "",
        rows=rows,
        readings=tuple(sorted((r for row in rows for r in readings.get(row, [])), key=lambda r: r.pk)),
    )


def _readings(rows: Sequence[int]) -> dict[int, list[Reading]]:
    found: dict[int, list[Reading]] = {}
    for start in range(0, len(rows), IN_MAX):
        for reading in Reading.objects.filter(row__in=rows[start : start + IN_MAX]).select_related("reader"):
            found.setdefault(reading.row_id, []).append(reading)
    return found


def as_json(kept: SessionRecord) -> dict[str, Any]:
    """For machines. A score that was not given is null, and its reason stands beside it: never 0."""
    session, heard = kept.session, kept.listening
    return {
        "patient": session.patient_id,
        "address_as": session.patient.address_as,
        "box": session.device_id,
        "session": session.session,
        "request": session.request,
        "care": session.care,
        "plan": session.plan,
        "plan_version": session.plan_version,
        "started_ms": session.started_ms,
        "error_ms": session.error_ms,
        "time": session.time_source,
        "outcome": heard.outcome if heard else None,
        "cause": heard.cause if heard else "",
        "listened_s": round(heard.listened_s, 3) if heard else None,
        "frames_exact": heard.frames_exact if heard else None,
        "gaps": heard.gaps if heard else [],
        "gaps_total": heard.gaps_total if heard else None,
        **_hearing(heard),
        "before": _scores(kept, kept.before),
        "before_absent": _reasons(kept.before),
        "after": _scores(kept, kept.after),
        "after_absent": _reasons(kept.after),
        "comment_before": kept.comment("before"),
        "comment_after": kept.comment("after"),
        "before_other": _other(kept, kept.before),
        "after_other": _other(kept, kept.after),
        "answered_by": {told.moment: told.answered_by for told in (kept.before, kept.after) if told},
        "before_given_in": kept.before.given_in if kept.before else "",
        "needs": [{"rule": one.rule, "offered": one.offered, "chosen": one.chosen} for one in kept.needs],
        "stop_reason": kept.stop_reason,
        "read_by": [reader.who.username for reader in kept.readers if reader.whole],
    }


def _other(kept: SessionRecord, told: Evaluation | None) -> dict[str, int | bool | str | None]:
    """Answers that are neither a number nor the comment."""
    own = [a for a in told.answers.all() if a.item not in kept.cones and not a.words] if told else []
    return {a.item: a.value for a in own if a.item != COMMENT}


def _hearing(heard: Listening | None) -> dict[str, Any]:
    names = ("level_dba", "level_max_dba", "dose_pa2h", "dose_week_percent", "sensitive", "calibration")
    more = ("level_changes", "level_changes_total", "headphones_changes", "headphones_changes_total")
    return {name: getattr(heard, name) if heard else None for name in (*names, *more)}


def _scores(kept: SessionRecord, told: Evaluation | None) -> dict[str, int | None]:
    return {a.item: a.score for a in told.answers.all() if a.item in kept.cones} if told else {}


def _reasons(told: Evaluation | None) -> dict[str, str]:
    return {a.item: a.absent_reason for a in told.answers.all() if a.absent_reason} if told else {}
