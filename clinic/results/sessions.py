"""The sessions of patients, as the record holds them: for the console's page and for `chevet-clinic sessions`."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from clinic.results.models import Answer, Evaluation, Listening, Reading, Session


@dataclass(frozen=True)
class SessionRecord:
    """One session with the last of each of its reports. `readings`: who has read it, first reader first."""

    session: Session
    listening: Listening | None
    before: Evaluation | None
    after: Evaluation | None
    readings: tuple[Reading, ...]

    def answer(self, moment: str, item: str) -> Answer | None:
        told = self.before if moment == "before" else self.after
        return next((a for a in told.answers.all() if a.item == item), None) if told else None

    @property
    def cones(self) -> list[str]:
        """Items asked as a height, in the order of the form: those that words do not answer."""
        answers = [a for told in (self.before, self.after) if told for a in told.answers.all()]
        words = {a.item for a in answers if a.words or a.item == COMMENT}
        return list(dict.fromkeys(a.item for a in answers if a.item not in words))

    def comment(self, moment: str) -> str:
        told = self.before if moment == "before" else self.after
        return "\n".join(a.words for a in told.answers.all() if a.words) if told else ""


COMMENT = "commentaire"


def sessions(patient_id: str | None = None) -> QuerySet[Session]:
    """Latest first; of one patient, or of all."""
    chosen = Session.objects.filter(patient_id=patient_id) if patient_id else Session.objects.all()
    parts = (
        Prefetch("listenings", Listening.objects.order_by("id")),
        Prefetch("evaluations", Evaluation.objects.order_by("id").prefetch_related("answers")),
        Prefetch("readings", Reading.objects.order_by("id").select_related("reader")),
    )
    return chosen.select_related("patient").prefetch_related(*parts).order_by("-started_ms", "-id")


def record(session: Session) -> SessionRecord:
    told = {evaluation.moment: evaluation for evaluation in session.evaluations.all()}
    heard = list(session.listenings.all())
    return SessionRecord(
        session=session,
        listening=heard[-1] if heard else None,
        before=told.get("before"),
        after=told.get("after"),
        readings=tuple(session.readings.all()),
    )


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
        "before": _scores(kept, kept.before),
        "before_absent": _reasons(kept.before),
        "after": _scores(kept, kept.after),
        "after_absent": _reasons(kept.after),
        "comment_before": kept.comment("before"),
        "comment_after": kept.comment("after"),
        "read_by": [reading.reader.username for reading in kept.readings],
    }


def _scores(kept: SessionRecord, told: Evaluation | None) -> dict[str, int | None]:
    return {a.item: a.score for a in told.answers.all() if a.item in kept.cones} if told else {}


def _reasons(told: Evaluation | None) -> dict[str, str]:
    return {a.item: a.absent_reason for a in told.answers.all() if a.absent_reason} if told else {}
