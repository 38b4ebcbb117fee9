"""Forms apart from a care: at their rhythm (E3, C2), on the days after a care (D3), a lesson's read-back (C3)."""

from dataclasses import replace

from kiosk.journey import asked, due, filling, needing, people
from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters.people import ask_code
from kiosk.journey.draft import Draft, is_recent
from kiosk.journey.evaluation import draft_of_filling, filling_of_draft
from kiosk.journey.events import Touched
from kiosk.journey.occasions import ask, report_of
from kiosk.journey.places.forms import Form, FormSent
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, stay
from kiosk.journey.views import ThanksView, Tile, View
from kiosk.words import Words
from mqtt_bridge.contract.questions import Information, screens
from mqtt_bridge.contract.schedule import FollowUp, FormRequest
from mqtt_bridge.contract.stamp import Stamp

LEFT_MS = 15 * 60_000
"""Nobody has touched the form for so long: it is left, and what was answered is kept."""
THANKS_MS = 60_000


class FormsChapter(Chapter[Form | FormSent]):
    """What is due at home, one question a screen, thanks."""

    name = "forms"
    drafts = ("form",)

    def tiles(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        return tuple(
            Tile(f"{self.name}:{one.asker.id}", one.asker.title, _for_whom(journey, one.asker, words), "question")
            for one in due.due(journey, now)
        )

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        found = next((one for one in due.due(journey, at) if one.asker.id == rest), None)
        if found is None:
            return stay(journey)  # its time went by while the tile was shown
        if not people.unlocked(journey, "answers"):
            return ask_code(journey, f"{self.name}:{rest}")
        return ask(journey, found.asker, at, found.after, found.day)

    def touched(self, journey: Journey, place: Form | FormSent, touch: Touched) -> Turn:
        if isinstance(place, FormSent):
            return go(journey, Home()) if touch.target == "done" else stay(journey)
        form, ended = filling.touched(place.filling, touch.target, touch.height)
        place = replace(place, filling=form)
        if ended == "completed":
            report = report_of(place, "completed")
            sent = FormSent(place.occasion.id, place.plan, touch.at.monotonic_ms)
            journey = due.with_answer(journey, place.occasion.request, touch.at)
            return go(journey, needing.after_form(place, report.response) or sent, reports=(report,))
        return self.left(journey, place, touch.at) if ended == "out" else go(journey, place)

    def waited(self, journey: Journey, place: Form | FormSent, at: Stamp) -> Turn:
        return self.left(journey, place, at) if at.monotonic_ms >= self.alarm_ms(journey, place) else stay(journey)

    def alarm_ms(self, journey: Journey, place: Form | FormSent) -> int:
        if isinstance(place, FormSent):
            return max(place.since_ms, journey.touched_ms) + THANKS_MS
        return max(place.asked.monotonic_ms, journey.touched_ms) + LEFT_MS

    def draft(self, place: Form | FormSent) -> Draft | None:
        if isinstance(place, FormSent):
            return None
        form = place.filling
        base = Draft(
            step="form",
            session=place.occasion.id,
            plan=place.plan,
            saved=place.asked,
            form=form.form,
            occasion=place.occasion,
            asked=place.asked,
        )
        return draft_of_filling(base, form)

    def returned(self, journey: Journey, draft: Draft, at: Stamp) -> Turn:
        """Go on where it was; after long, or in front of another person, what was answered is kept."""
        if draft.occasion is None or draft.form is None:
            return go(journey, Home())
        place = Form(draft.occasion, draft.plan, draft.asked or draft.saved, filling_of_draft(draft))
        same_person = journey.plan is None or journey.plan.patient.id == draft.plan.patient
        return go(journey, place) if same_person and is_recent(draft, at) else self.left(journey, place, at)

    def left(self, journey: Journey, place: Form | FormSent, at: Stamp) -> Turn:
        """What was answered is kept, as stopped. Nothing answered: nothing to tell."""
        if isinstance(place, FormSent) or filling.untouched(place.filling):
            return go(journey, Home())
        return go(journey, Home(), reports=(report_of(place, "stopped"),))

    def view(self, journey: Journey, place: Form | FormSent, words: Words, now: Stamp) -> View:
        if isinstance(place, Form):
            return asked.view_of(place.filling, place.occasion.title, words.home, words)
        name = journey.plan.patient.address_as if journey.plan else ""
        line, landed = _record(journey, place, words)
        return ThanksView(words.thanks.format(name=name).strip(), words.thanks_detail, line, landed, words.done)


def _for_whom(journey: Journey, asker: FormRequest | FollowUp, words: Words) -> str:
    """Who is meant to answer, or how long it is."""
    said, plan = words.asking, journey.plan
    if asker.respondent == "relative" or (isinstance(asker, FormRequest) and asker.about_relative):
        return said.for_relative
    if asker.respondent == "carer":
        return said.for_carer
    asked = screens(plan.questionnaire(asker.questionnaire)) if plan else ()
    count = sum(not isinstance(one.question, Information) for one in asked)
    return said.one_question if count == 1 else said.some_questions.format(count=count)


def _record(journey: Journey, place: FormSent, words: Words) -> tuple[str, bool]:
    """Where these answers are, and whether the clinic's database has them."""
    record = journey.record
    if record is None or (record.session, record.patient) != (place.occasion, place.plan.patient):
        return words.record_pending, False
    lines = {"pending": words.record_pending, "in_record": words.record_in, "held": words.record_held}
    return lines[record.truth], record.truth == "in_record"
