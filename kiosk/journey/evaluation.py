"""The questions before and after a care: answered, declined, changed until confirmed, kept at every item."""

from dataclasses import replace

from msgspec import structs

from kiosk.journey import filling, needing, remembering
from kiosk.journey.draft import Draft, DraftStep
from kiosk.journey.filling import Filling
from kiosk.journey.session import Session, draft_of_session
from kiosk.journey.state import Asking, Explaining, Home, Journey, Resting, Thanking
from kiosk.journey.turn import Turn, go, stay
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.forms import QuestionnaireResponse, Reference
from mqtt_bridge.contract.report import Evaluation, Moment
from mqtt_bridge.contract.schedule import Respondent
from mqtt_bridge.contract.stamp import Stamp

LEFT_BEFORE_MS = 15 * 60_000
"""Nobody has touched the questions before a care for so long: they are left, and what was answered is kept."""
DARK_AFTER_MS = 5 * 60_000
"""Nobody answers after a care: dark and silent, the questions wait (A8)."""
LEFT_AFTER_MS = 12 * 3600_000
"""The questions after a care are asked until the next morning, not longer: the answer would be about another day."""
WHO_AGAIN_MS = 3600_000
"""Who answered before a care is believed to answer after it for so long; later somebody else may be there."""


def begin(session: Session, moment: Moment, at: Stamp, ended: Stamp | None = None) -> Asking:
    """Who answers is asked before a care; after it the same person is believed to be there."""
    return Asking(session, moment, at, filling.begin(session.form, session.answered_by), ended=ended)


def touched(journey: Journey, asking: Asking, target: str, height: int | None, at: Stamp) -> Turn:
    """One touch on a question."""
    asking = _first_touch(asking, at)
    form, ended = filling.touched(asking.filling, target, height)
    asking = replace(asking, filling=form)
    if ended == "completed":
        return after_evaluation(journey, _settled(asking), _report(asking, "completed"), at)
    if ended == "out":
        # Before a care the first screen leads back home; after one there is nothing behind it.
        return left(journey, asking) if asking.moment == "before" else stay(journey)
    return go(journey, asking)


def after_evaluation(journey: Journey, asking: Asking, report: Evaluation, at: Stamp) -> Turn:
    """Where the journey goes when the answers are confirmed: the one place where they may propose something else."""
    session = asking.session
    need = needing.proposed(journey, session, report, at)
    onward = Explaining(session) if asking.moment == "before" else Thanking(session, at.monotonic_ms)
    turn = go(journey, need or onward, reports=(report,))
    return replace(turn, notes=remembering.of_answers(journey, session, report))


def left(journey: Journey, asking: Asking) -> Turn:
    """The person went away: what was answered is kept, as stopped. Nothing answered before a care: nothing to tell."""
    if filling.untouched(asking.filling) and asking.moment == "before":
        return go(journey, Home())
    return go(journey, Home(), reports=(_report(asking, "stopped"),))


def rest_or_leave(journey: Journey, asking: Asking, at: Stamp) -> Turn:
    """Time has passed without a touch."""
    idle_ms = at.monotonic_ms - max(journey.touched_ms, asking.asked.monotonic_ms)
    if asking.moment == "before":
        return left(journey, asking) if idle_ms >= LEFT_BEFORE_MS else stay(journey)
    return go(journey, Resting(asking)) if idle_ms >= DARK_AFTER_MS else stay(journey)


def woken(journey: Journey, asking: Asking, at: Stamp) -> Turn:
    """The dark screen was touched. Long after the care it may be somebody else who answers: they are asked."""
    known = asking.session.answered_by is not None and filling.untouched(asking.filling)
    if not known or not _long_ago(asking, at):
        return go(journey, asking)
    return go(journey, replace(asking, filling=filling.ask_who_again(asking.filling)))


def unanswered_until(journey: Journey, asking: Asking) -> int:
    wait_ms = LEFT_BEFORE_MS if asking.moment == "before" else DARK_AFTER_MS
    return max(journey.touched_ms, asking.asked.monotonic_ms) + wait_ms


def draft_of(asking: Asking, step: DraftStep) -> Draft:
    """What must survive a power cut of these questions."""
    draft = draft_of_filling(draft_of_session(asking.session, step), asking.filling)
    return structs.replace(draft, moment=asking.moment, asked=asking.asked, ended=asking.ended, delay_s=asking.delay_s)


def draft_of_filling(draft: Draft, form: Filling) -> Draft:
    """The same draft, with the form as it stands."""
    return structs.replace(
        draft,
        items=form.items,
        answered_by=form.answered_by,
        asks_who=form.asks_who,
        position=form.position,
        value=form.value,
        text=form.text,
    )


def filling_of_draft(draft: Draft) -> Filling:
    """The form as it stood. One that cannot be asked any more keeps its answers."""
    assert draft.form is not None, "a draft of questions has its form"  # noqa: S101  # `session_of_draft` looked
    try:
        form = filling.resumed(
            draft.form,
            draft.items,
            draft.answered_by,
            asks_who=draft.asks_who,
            position=draft.position,
            index=draft.index,
        )
    except ContractError:
        return filling.unreadable(draft.form, draft.items, draft.answered_by)
    return filling.touched_before(form, draft.value, draft.text)


def source_of(patient: str, answered_by: Respondent | None) -> Reference:
    """FHIR's `source`: who gave the answers. A relative or a carer is one of this patient's whom the box cannot name.

    `of-<patient>` says whose, never who. With a relative's help the answers are still the person's own.
    """
    kind = {"relative": "RelatedPerson", "carer": "Practitioner"}.get(answered_by or "self")
    return Reference(reference=f"{kind}/of-{patient}" if kind else f"Patient/{patient}")


def _long_ago(asking: Asking, at: Stamp) -> bool:
    ended = asking.ended
    return ended is None or ended.boot != at.boot or at.monotonic_ms - ended.monotonic_ms >= WHO_AGAIN_MS


def _first_touch(asking: Asking, at: Stamp) -> Asking:
    """How long the questions waited is told once: at the first touch after the care."""
    untouched = filling.untouched(asking.filling) and asking.delay_s == 0
    if not untouched or asking.ended is None or asking.ended.boot != at.boot:
        return asking
    return replace(asking, delay_s=(at.monotonic_ms - asking.ended.monotonic_ms) / 1000)


def _settled(asking: Asking) -> Asking:
    return replace(asking, session=replace(asking.session, answered_by=asking.filling.answered_by))


def _report(asking: Asking, status: str) -> Evaluation:
    session, form = asking.session, asking.filling
    response = QuestionnaireResponse(
        questionnaire=session.form.canonical,
        status="completed" if status == "completed" else "stopped",
        subject=Reference(reference=f"Patient/{session.plan.patient}"),
        source=source_of(session.plan.patient, form.answered_by),
        item=filling.answers(form),
    )
    return Evaluation(
        session=session.id,
        request=session.request.id,
        moment=asking.moment,
        response=response,
        asked=asking.asked,
        delay_s=asking.delay_s,
        answered_by=form.answered_by,
    )
