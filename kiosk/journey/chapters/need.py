"""The need of the moment (A14): another care or a carer is proposed, and what was chosen stays."""

from dataclasses import replace

from msgspec import structs

from kiosk.journey import evaluation, framing, needing
from kiosk.journey.chapter import Chapter
from kiosk.journey.draft import Draft, is_recent
from kiosk.journey.events import Touched
from kiosk.journey.places.need import Needing, Worrying
from kiosk.journey.session import NEVER, Session, draft_of_session, session_of_draft
from kiosk.journey.state import Explaining, Home, Journey
from kiosk.journey.turn import Turn, go, reference_of, stay
from kiosk.journey.views import NeedView, Tile
from kiosk.journey.wording import duration
from kiosk.words import Words
from mqtt_bridge.contract.care import ServiceRequest
from mqtt_bridge.contract.need import HELP, Need
from mqtt_bridge.contract.stamp import Stamp

LEFT_MS = 15 * 60_000
"""Nobody has chosen for so long: they went away."""


class NeedChapter(Chapter[Needing]):
    drafts = ("need",)

    def touched(self, journey: Journey, place: Needing, touch: Touched) -> Turn:
        name, _, request = touch.target.partition(":")
        if touch.target == "keep":
            return go(journey, needing.onward(place, touch.at), reports=needing.told(place, "kept"))
        need = next((one for one in place.needs if name == "care" and one.offer == request), None)
        return _taken(journey, place, need, touch.at) if need else stay(journey)

    def waited(self, journey: Journey, place: Needing, at: Stamp) -> Turn:
        if at.monotonic_ms - journey.touched_ms < LEFT_MS:
            return stay(journey)
        return self.left(journey, place, at)

    def alarm_ms(self, journey: Journey, place: Needing) -> int | None:
        return journey.touched_ms + LEFT_MS

    def draft(self, place: Needing) -> Draft | None:
        draft = draft_of_session(place.session, "need")
        return structs.replace(draft, given=place.given, needs=place.needs, moment=place.given.moment)

    def returned(self, journey: Journey, draft: Draft, at: Stamp) -> Turn:
        """What the answers propose now is shown to the same person; else nobody has chosen."""
        session = session_of_draft(draft)
        if session is None or draft.given is None:
            return go(journey, Home())
        place = Needing(session, draft.given, draft.needs)
        same_person = journey.plan is not None and journey.plan.patient.id == draft.plan.patient
        if not (same_person and is_recent(draft, at)):
            return needing.left(journey, place)
        now = needing.proposed(journey, session, draft.given, at)
        still = replace(place, needs=tuple(need for need in (now.needs if now else ()) if need in draft.needs))
        return go(journey, still if still.needs else needing.onward(place, at))

    def left(self, journey: Journey, place: Needing, at: Stamp) -> Turn:
        return needing.left(journey, place)

    def view(self, journey: Journey, place: Needing, words: Words, now: Stamp) -> NeedView:
        tiles = [_tile(journey, need, words, first=need is place.needs[0]) for need in place.needs]
        return NeedView(
            title=words.need.title,
            reason=_reason(place.needs[0], words),
            offers=tuple(tile for tile in tiles if tile is not None),
            keep=_keep(place, words),
        )


class WorryChapter(Chapter[Worrying]):
    """After a form apart from a care: a carer is proposed, or nothing more is wanted."""

    drafts = ("worry",)

    def touched(self, journey: Journey, place: Worrying, touch: Touched) -> Turn:
        if touch.target != "keep":
            return stay(journey)
        return go(journey, needing.onward(place, touch.at), reports=needing.told(place, "kept"))

    def waited(self, journey: Journey, place: Worrying, at: Stamp) -> Turn:
        return self.left(journey, place, at) if at.monotonic_ms >= self.alarm_ms(journey, place) else stay(journey)

    def alarm_ms(self, journey: Journey, place: Worrying) -> int:
        return journey.touched_ms + LEFT_MS

    def draft(self, place: Worrying) -> Draft | None:
        return Draft(step="worry", session=place.occasion, plan=place.plan, saved=NEVER, needs=(place.need,))

    def returned(self, journey: Journey, draft: Draft, at: Stamp) -> Turn:
        place = Worrying(draft.session, draft.plan, draft.needs[0])
        same_person = journey.plan is not None and journey.plan.patient.id == draft.plan.patient
        return go(journey, place) if same_person and is_recent(draft, at) else needing.left(journey, place)

    def left(self, journey: Journey, place: Worrying, at: Stamp) -> Turn:
        return needing.left(journey, place)

    def view(self, journey: Journey, place: Worrying, words: Words, now: Stamp) -> NeedView:
        keep = Tile("keep", words.need.keep_after, words.need.keep_after_detail, "question")
        return NeedView(words.need.title, _reason(place.need, words), (_help_tile(words),), keep)


def _taken(journey: Journey, place: Needing, need: Need, at: Stamp) -> Turn:
    """The care proposed, under a session of its own. What can no longer be had is offered no more."""
    plan, request = journey.plan, needing.offered(journey, need)
    if plan is None or request is None or framing.refusal(journey, request, plan.patient.id, at) is not None:
        rest = replace(place, needs=tuple(one for one in place.needs if one is not need))
        return go(
            journey,
            rest if rest.needs else needing.onward(place, at),
            reports=needing.told(replace(place, needs=(need,))),
        )
    count = journey.count + 1
    form = plan.questionnaire(request.questionnaire)
    session = Session(
        f"{journey.epoch}.{count}", request, form, reference_of(plan), answered_by=place.session.answered_by
    )
    return _begun(replace(journey, count=count), place, session, need, at)


def _begun(journey: Journey, place: Needing, session: Session, need: Need, at: Stamp) -> Turn:
    """The same questions are not asked twice in a minute: the answers just given are those before this care, too."""
    reports = needing.told(place, need.rule)
    given = place.given
    if session.form.canonical != given.response.questionnaire:
        return go(journey, evaluation.begin(session, "before", at), reports=reports)
    again = structs.replace(
        given, session=session.id, request=session.request.id, moment="before", given_in=place.session.id
    )
    return go(journey, Explaining(session), reports=(*reports, again))


def _reason(need: Need, words: Words) -> str:
    """The rule's sentence; the house's two have words of the box."""
    return need.reason or words.need.reasons[need.rule]


def _tile(journey: Journey, need: Need, words: Words, *, first: bool) -> Tile | None:
    """Another than the first tells its own reason: the first one's stands above."""
    if need.offer == HELP:
        return _help_tile(words)
    request = needing.offered(journey, need)
    if request is None:
        return None
    return Tile(f"care:{request.id}", request.title, duration(request, words) if first else need.reason, request.kind)


def _help_tile(words: Words) -> Tile:
    return Tile("help", words.helping.ask, words.need.help_detail, "help")


def _keep(place: Needing, words: Words) -> Tile:
    request: ServiceRequest = place.session.request
    if place.given.moment == "before":
        return Tile("keep", request.title, words.need.keep_before, request.kind)
    return Tile("keep", words.need.keep_after, words.need.keep_after_detail, request.kind)
