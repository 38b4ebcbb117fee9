"""What one event makes of the journey, before it is put in order: see `step`."""

from dataclasses import dataclass, replace

from kiosk.journey.effects import Effect
from kiosk.journey.notes import Note
from kiosk.journey.session import Session
from kiosk.journey.state import Journey, Place
from mqtt_bridge.contract.care import CarePlan, PlanReference
from mqtt_bridge.contract.report import Content


@dataclass(frozen=True)
class Turn:
    """The next state; effects that cannot wait for the disk (`at_once`), reports, and effects once they are written."""

    journey: Journey
    at_once: tuple[Effect, ...] = ()
    reports: tuple[Content, ...] = ()
    then: tuple[Effect, ...] = ()
    notes: tuple[Note, ...] = ()
    whose: PlanReference | None = None
    """Whose reports these are, where neither the session under way nor the person in front says it."""


def go(journey: Journey, place: Place, *then: Effect, reports: tuple[Content, ...] = ()) -> Turn:
    """Move to `place`."""
    return Turn(replace(journey, place=place), reports=reports, then=then)


def stay(journey: Journey) -> Turn:
    return Turn(journey)


def joined(first: Turn, second: Turn) -> Turn:
    """One turn and what follows from it, in this order."""
    return replace(
        second,
        at_once=first.at_once + second.at_once,
        reports=first.reports + second.reports,
        then=first.then + second.then,
        notes=first.notes + second.notes,
        whose=first.whose or second.whose,
    )


def new_name(journey: Journey) -> tuple[Journey, str]:
    """An id for what the person begins: a message, a request. It counts on with the sessions."""
    count = journey.count + 1
    return replace(journey, count=count), f"{journey.epoch}.{count}"


def still_prescribed(journey: Journey, session: Session) -> bool:
    """Whether the plan in force holds the care of this session, for this person, as it was chosen."""
    plan = journey.plan
    if plan is None or journey.problem or plan.patient.id != session.plan.patient:
        return False
    return any(r.id == session.request.id and r.package == session.request.package for r in plan.activity)


def reference_of(plan: CarePlan) -> PlanReference:
    """How reports name this plan."""
    return PlanReference(patient=plan.patient.id, plan=plan.id, version=plan.version)
