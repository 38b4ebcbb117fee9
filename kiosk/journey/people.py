"""Who is in front of the box (A3), and where they stand with the clinic (E2).

A personal box belongs to one person, who need not sign in; the plan may ask for their code before messages, answers,
the garden or a care. On a shared box somebody signs in, or nobody is there: then `plan` is None.
"""

from dataclasses import fields, replace

from kiosk.journey.draft import Draft
from kiosk.journey.events import PlanChanged, Resident
from kiosk.journey.notes import Tries
from kiosk.journey.state import OF_THE_BOX, Journey
from mqtt_bridge.contract.care import CarePlan, Locked
from mqtt_bridge.contract.correspondence import StandingState
from mqtt_bridge.contract.stamp import Stamp

FREE_TRIES = 3
AWAY_MS_MAX = 2 * 60_000
"""A kiosk that is back later finds somebody else, as far as it knows."""
DELAYS_S = (30, 60, 120, 300, 900)
"""After the third code in vain, the fourth...; the last one stays."""


def is_shared(journey: Journey) -> bool:
    return len(journey.plans) > 1


def nobody(journey: Journey) -> bool:
    """A shared box, and nobody has signed in."""
    return is_shared(journey) and journey.plan is None


def in_front(journey: Journey) -> str | None:
    """Id of the person; None: nobody, or a box without a plan."""
    return journey.plan.patient.id if journey.plan else None


def unlocked(journey: Journey, what: Locked) -> bool:
    """Whether the person in front may see or do this now. Not: `ask_code` (kiosk.journey.chapters.people)."""
    plan = journey.plan
    if plan is None:
        return False
    return journey.proven or not (is_shared(journey) or what in plan.locked)


def resident(journey: Journey, patient: str) -> Resident | None:
    return next((one for one in journey.plans if one.plan.patient.id == patient), None)


def standing_of(journey: Journey, patient: str) -> StandingState:
    return next((state for name, state in reversed(journey.standings) if name == patient), "active")


def standing(journey: Journey) -> StandingState:
    """Of who is in front. A box without any plan is the last person's of whom the clinic has said something."""
    if journey.plan is not None:
        return standing_of(journey, journey.plan.patient.id)
    return journey.standings[-1][1] if journey.standings and not journey.plans else "active"


def signed_in(journey: Journey, patient: str, *, proven: bool) -> Journey:
    """This person is in front now, and knows nothing of the one before. Unchanged when they have no plan here."""
    found = resident(journey, patient)
    if found is None:
        return journey
    fresh = journey if in_front(journey) == patient else _forgotten(journey)
    return replace(fresh, plan=found.plan, problem=found.problem, proven=proven)


def signed_out(journey: Journey) -> Journey:
    """Nobody is in front of a shared box; a personal one is locked again. The place is left as it is."""
    return _forgotten(journey) if is_shared(journey) else replace(journey, proven=False)


def still_there(journey: Journey, draft: Draft | None, at: Stamp) -> Journey:
    """The kiosk was away for a moment: on a shared box its person is in front still, and gives their code anew."""
    if draft is None or not nobody(journey) or draft.saved.boot != at.boot:
        return journey
    away_ms = at.monotonic_ms - draft.saved.monotonic_ms
    there = away_ms <= AWAY_MS_MAX and draft.step != "resting"
    return signed_in(journey, draft.plan.patient, proven=False) if there else journey


def with_plans(journey: Journey, told: PlanChanged) -> Journey:
    """The plans as they are told now. Who is in front stays there while a plan of theirs is on the box."""
    plans = ((Resident(told.plan, told.problem),) if told.plan else ()) + told.others
    if is_shared(journey) and not plans:
        return replace(_forgotten(journey), plans=(), problem=told.problem)
    journey = replace(journey, plans=plans)
    if not is_shared(journey):
        return _alone(journey, told)
    found = resident(journey, in_front(journey) or "")
    return replace(journey, plan=found.plan, problem=found.problem) if found else _forgotten(journey)


def tries_of(journey: Journey, patient: str) -> Tries:
    return next((one for one in journey.tries if one.patient == patient), Tries(patient))


def with_tries(journey: Journey, tries: Tries) -> Journey:
    others = tuple(one for one in journey.tries if one.patient != tries.patient)
    return replace(journey, tries=(*others, tries) if tries.failures else others)


def delay_ms(failures: int) -> int:
    """How long nothing may be tried after so many codes in vain."""
    return 0 if failures < FREE_TRIES else DELAYS_S[min(failures - FREE_TRIES, len(DELAYS_S) - 1)] * 1000


def _alone(journey: Journey, told: PlanChanged) -> Journey:
    """A personal box. Another person's plan: nothing of the former one is known any more."""
    if told.plan is not None and in_front(journey) != told.plan.patient.id:
        journey = _forgotten(journey)
    return replace(journey, plan=told.plan, problem=told.problem)


def _forgotten(journey: Journey) -> Journey:
    """What is the box's own stays; whatever else the journey knows is a person's."""
    own = {one.name: getattr(journey, one.name) for one in fields(journey) if one.name in OF_THE_BOX}
    return replace(Journey(**own), problem="")


def plan_of(journey: Journey, patient: str) -> CarePlan | None:
    found = resident(journey, patient)
    return found.plan if found else None
