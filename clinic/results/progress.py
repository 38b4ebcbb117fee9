"""The prompts of one patient, and of many: reckoned from the record for one, from what is kept (`Progress`) for many.

What arrives marks its patient stale. Ingest reckons the stale ones again while it has nothing else to do
(`reckon_one`); whoever asks for a list before, a few at a time.
"""

import functools
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import msgspec
from django.db import transaction
from django.db.models import F, Max, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from clinic.clock import now_ms
from clinic.people.models import Patient
from clinic.people.models import Standing as PatientStanding
from clinic.plans.models import CarePlan
from clinic.results.answers import questions_of
from clinic.results.course import Lived, course
from clinic.results.effect import Ramps
from clinic.results.facts import CareFacts, facts_of
from clinic.results.models import Evaluation, Listening, Progress, ProgressHead, PromptSetAside
from clinic.results.prompts import ASIDE_DAYS, DAY_MS, Plan, Prompt, Wanted, is_aside, prompts
from mqtt_bridge.contract.forms import Cone, Ramp

YEAR_MS = 366 * 86_400_000
RECKONED_S_MAX = 0.05
"""How long one look at a list spends on it."""
MARKED_AT_ONCE = 5_000
SEEN_AGAIN = 500
Patients = Collection[str] | QuerySet[Patient, str]
"""Their keys, or the question that finds them: hundreds of keys are slow to write into every other question."""

KNOWN_MAX = 2_000
"""Patients whose facts are remembered as they were decoded: from one look at the list to the next few change."""


@functools.lru_cache(maxsize=KNOWN_MAX)
def _facts(written: str) -> tuple[CareFacts, ...]:
    return msgspec.json.decode(written, type=tuple[CareFacts, ...])


@functools.lru_cache(maxsize=KNOWN_MAX)
def _plan(written: str) -> Plan | None:
    return msgspec.json.decode(written, type=Plan | None)


@dataclass(frozen=True)
class Standing:
    """A prompt, and whether somebody has set it aside."""

    prompt: Prompt
    aside: PromptSetAside | None


@dataclass(frozen=True)
class Kept:
    """What is kept of one patient."""

    facts: tuple[CareFacts, ...]
    plan: Plan | None


def ramps_of_plan(plan: CarePlan | None) -> dict[str, Ramp]:
    """Which way each cone of the plan goes."""
    found: dict[str, Ramp] = {}
    for form in plan.content.questionnaires if plan else ():
        found |= {name: one.ramp for name, one in questions_of(form).items() if isinstance(one, Cone)}
    return found


def last_plan(patient: str) -> CarePlan | None:
    """The plan last signed, in force or not: what the last sessions were asked by; with where the person `stands`."""
    states = PatientStanding.objects.filter(patient=OuterRef("patient")).order_by("-id").values("state")[:1]
    found = CarePlan.objects.filter(patient=patient).annotate(stands=Subquery(states)).order_by("-signed_ms", "-id")
    return found.select_related("device").first()


def is_withdrawn(plan: CarePlan) -> bool:
    """Whether the person of a `last_plan` is no longer in follow-up: nothing of theirs needs readjusting."""
    state: str | None = getattr(plan, "stands", None)
    return state is not None and state != PatientStanding.State.ACTIVE


def asked_by(plan: CarePlan | None) -> Plan | None:
    """A plan in force as the prompts ask of it."""
    if plan is None or plan.stopped_ms is not None:
        return None
    cares = tuple(Wanted(one.id, one.title, one.level_max_dba) for one in plan.content.activity)
    return Plan(f"{plan.plan}.{plan.version}", plan.signed_ms, cares)


def standing_prompts(kept: Kept, words: Iterable[PromptSetAside], at_ms: int) -> list[Standing]:
    """Those that nobody has set aside first. `words`: what was said of this patient's, the newest first."""
    plan, words = kept.plan, list(words)
    if plan is None:
        return []
    made = [
        Standing(one, next((word for word in words if is_aside(one, word, plan, at_ms)), None))
        for one in prompts(plan, kept.facts, at_ms)
    ]
    return sorted(made, key=lambda one: one.aside is not None)


def words_on(patients: Patients, at_ms: int) -> dict[str, list[PromptSetAside]]:
    """What was set aside lately, by patient, the newest first."""
    since_ms = at_ms - ASIDE_DAYS * DAY_MS
    found: dict[str, list[PromptSetAside]] = {}
    every = PromptSetAside.objects.filter(patient__in=patients, at_ms__gt=since_ms).select_related("by")
    for word in every.order_by("-at_ms", "-pk"):
        found.setdefault(word.patient_id, []).append(word)
    return found


def reckon(patient: str) -> Kept:
    """From the record, and kept."""
    marks = marks_of(patient)
    plan = last_plan(patient)
    return keep(patient, course(patient, now_ms() - YEAR_MS), plan, ramps_of_plan(plan), marks)


def reckon_one() -> bool:
    """Reckon one patient again for whom something arrived, where there is one; whether there may be more."""
    more = not nothing_arrived() and mark_arrived()
    stale = Progress.objects.filter(stale=True).order_by("patient").values_list("patient_id", flat=True).first()
    if stale is None:
        return more
    reckon(stale)
    return True


def marks_of(patient: str) -> int:
    """How often they were marked so far: asked before their record is read. Who is not known yet is from now on."""
    row, _ = Progress.objects.only("marks").get_or_create(patient_id=patient)  # an empty one, which is stale
    return row.marks


def keep(patient: str, lived: Sequence[Lived], plan: CarePlan | None, ramps: Ramps, marks: int) -> Kept:
    """The facts of the last year, kept for lists; written only where they have changed.

    marks: as `marks_of` told before the record was read. What was marked since stays so, and nothing is written: a
    report may have come after the record was read, or somebody else may have reckoned with more of it.
    """
    made = Kept(facts_of(lived, ramps), asked_by(plan))
    told = {
        "facts": msgspec.to_builtins(made.facts),
        "plan": msgspec.to_builtins(made.plan),
        "plan_key": plan.pk if plan else 0,
        "stale": False,
    }
    if Progress.objects.filter(patient=patient).values(*told).first() != told:
        # One statement by itself: in a transaction SQLite's only write lock would be held while this is made into JSON.
        Progress.objects.filter(patient=patient, marks=marks).update(**told)
    return made


def mark(patients: Iterable[Patient]) -> None:
    """What is kept of them was reckoned from another record than theirs is now."""
    for patient in patients:
        Progress.objects.get_or_create(patient=patient)
        Progress.objects.filter(patient=patient).update(stale=True, marks=F("marks") + 1)


def mark_arrived() -> bool:
    """Mark stale whoever something arrived for since the last time; whether there may be more to look through."""
    with transaction.atomic():
        # Whoever is not known yet is stale anyhow: the first look does not go through all that ever arrived.
        newest = {"through_listening": _newest(Listening), "through_evaluation": _newest(Evaluation)}
        head, _ = ProgressHead.objects.select_for_update().get_or_create(pk=1, defaults=newest)
        more = [_mark(head, Listening, "through_listening"), _mark(head, Evaluation, "through_evaluation")]
        return any(more)


def nothing_arrived() -> bool:
    """The quick question before: nothing is written by who only reads."""
    seen = ProgressHead.objects.filter(pk=1).annotate(
        listening=Subquery(Listening.objects.order_by("-pk").values("pk")[:1]),
        evaluation=Subquery(Evaluation.objects.order_by("-pk").values("pk")[:1]),
    )
    row = seen.values_list("through_listening", "listening", "through_evaluation", "evaluation").first()
    return row is not None and row[0] == (row[1] or 0) and row[2] == (row[3] or 0)


def _newest(kind: type[Listening | Evaluation]) -> int:
    return kind._default_manager.aggregate(last=Max("pk"))["last"] or 0  # noqa: SLF001  # public


def _mark(head: ProgressHead, kind: type[Listening | Evaluation], name: str) -> bool:
    """Whether there is more.

    By their own keys, not the ledger's: what was held and is readable now has an old row. Some of what was seen is
    looked at again: of two ingest processes the later key may be there first.
    """
    before, newest = getattr(head, name), _newest(kind)
    through = min(newest, before + MARKED_AT_ONCE)
    if through <= before:
        return False
    found = kind._default_manager.filter(pk__gt=before - SEEN_AGAIN, pk__lte=through)  # noqa: SLF001
    last = dict(found.order_by().values_list("session__patient").annotate(last=Max("pk")))
    known = dict(Progress.objects.filter(patient__in=last).values_list("patient_id", name))
    fresh = [Progress(patient_id=one, marks=1, **{name: key}) for one, key in last.items() if one not in known]
    again = [
        Progress(patient_id=one, stale=True, marks=F("marks") + 1, **{name: key})
        for one, key in last.items()
        if one in known and known[one] < key and (key > before or known[one])
    ]
    Progress.objects.bulk_create(fresh, ignore_conflicts=True)
    Progress.objects.bulk_update(again, ["stale", "marks", name], batch_size=200)
    setattr(head, name, through)
    head.save(update_fields=[name])
    return bool(through < newest)


def kept_now(patients: Patients, seconds: float = RECKONED_S_MAX) -> tuple[dict[str, Kept], int]:
    """What is kept of them, some of the stale ones reckoned again first; and how many are still stale."""
    kept, stale = _kept(patients)
    until_s = time.monotonic() + seconds
    for done, patient in enumerate(stale, 1):
        kept[patient] = reckon(patient)
        if time.monotonic() > until_s:
            return kept, len(stale) - done
    return kept, 0


def stale_among(patients: Patients) -> list[str]:
    """Those for whom something arrived, or another plan was signed or stopped, since they were reckoned."""
    return _kept(patients)[1]


def _kept(patients: Patients) -> tuple[dict[str, Kept], list[str]]:
    found = CarePlan.objects.filter(patient__in=patients).order_by("signed_ms", "id")
    plans = {patient: (key, stopped) for patient, key, stopped in found.values_list("patient_id", "id", "stopped_ms")}
    written = {name: Cast(name, TextField()) for name in ("facts", "plan")}  # read once, by the codec alone
    rows = Progress.objects.filter(patient__in=patients)
    known: dict[str, tuple[bool, int, Plan | None]] = {}
    kept: dict[str, Kept] = {}
    for patient, stale, key, plan, facts in rows.values_list(
        "patient_id", "stale", "plan_key", written["plan"], written["facts"]
    ):
        asked = _plan(plan) if plan else None
        known[patient] = (stale, key, asked)
        kept[patient] = Kept(_facts(facts), asked)
    every = sorted({*plans, *known})
    return kept, [patient for patient in every if _is_stale(plans.get(patient), known.get(patient))]


def _is_stale(plan: tuple[int, int | None] | None, known: tuple[bool, int, Plan | None] | None) -> bool:
    if known is None:
        return True
    stale, key, kept = known
    if plan is None:
        return stale
    return stale or key != plan[0] or (kept is not None) != (plan[1] is None)
