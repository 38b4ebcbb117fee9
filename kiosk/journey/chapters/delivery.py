"""Medicines to be delivered (C6): asked for once at a time, told step by step, until the person has the parcel."""

from dataclasses import replace

from kiosk.journey import people
from kiosk.journey.chapter import Chapter
from kiosk.journey.chapters.letters import begun, warning, with_phrase, with_writing
from kiosk.journey.chapters.people import ask_code
from kiosk.journey.events import Touched
from kiosk.journey.keys import typed
from kiosk.journey.letters import Delivery, Letters
from kiosk.journey.notes import Writing
from kiosk.journey.places.delivery import DeliveryNote, DeliveryShown
from kiosk.journey.state import Home, Journey
from kiosk.journey.turn import Turn, go, new_name, stay
from kiosk.journey.views import DeliveryView, Step, Tile, View, WritingView
from kiosk.words import Words
from mqtt_bridge.contract.report import DeliveryAsked, DeliveryReceived
from mqtt_bridge.contract.stamp import Stamp

LEFT_MS = 5 * 60_000
NOTE_MAX = 500
REACHED: dict[str | None, int] = {
    None: 0, "received": 0, "sent": 1, "prepared": 2, "on-the-way": 3, "delivered": 4,
}  # fmt: skip
"""The step that each state has reached; the first is the request itself."""

Place = DeliveryShown | DeliveryNote


class DeliveryChapter(Chapter[Place]):
    name = "delivery"

    def tiles(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        """The parcel is said to be there: asked about, until the person has said so."""
        shown = _delivery(journey)
        if not _has_pharmacy(journey) or shown is None or shown.received or shown.told != "delivered":
            return ()
        return (Tile("delivery", words.delivery.arrived, words.delivery.arrived_detail, "delivery"),)

    def links(self, journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
        return (Tile("delivery", words.delivery.title, "", "delivery"),) if _has_pharmacy(journey) else ()

    def entered(self, journey: Journey, rest: str, at: Stamp) -> Turn:
        if not _has_pharmacy(journey):
            return stay(journey)
        return go(journey, DeliveryShown()) if people.unlocked(journey, "messages") else ask_code(journey, "delivery")

    def touched(self, journey: Journey, place: Place, touch: Touched) -> Turn:
        if isinstance(place, DeliveryNote):
            return _in_note(journey, place, touch)
        match touch.target:
            case "ask" if not _is_open(journey) and _has_pharmacy(journey):
                kept = begun(journey, "delivery")
                return go(journey, DeliveryNote(kept.text if kept else ""))
            case "received" if _may_be_there(journey):
                return _received(journey, touch.at)
            case "back":
                return go(journey, Home())
            case _:
                return stay(journey)

    def waited(self, journey: Journey, place: Place, at: Stamp) -> Turn:
        return go(journey, Home()) if at.monotonic_ms >= self.alarm_ms(journey, place) else stay(journey)

    def alarm_ms(self, journey: Journey, place: Place) -> int:
        return journey.touched_ms + LEFT_MS

    def view(self, journey: Journey, place: Place, words: Words, now: Stamp) -> View:
        return _note(journey, place, words) if isinstance(place, DeliveryNote) else _shown(journey, words)


def _in_note(journey: Journey, place: DeliveryNote, touch: Touched) -> Turn:
    name, _, rest = touch.target.partition(":")
    match name:
        case "key":
            text, layer = typed(place.text, place.layer, rest, NOTE_MAX)
            return _noted(journey, replace(place, text=text, layer=layer))
        case "phrase":
            text = with_phrase(place.text, journey.phrases.delivery, rest, NOTE_MAX)
            return _noted(journey, replace(place, text=text, phrases=False))
        case "more":
            return go(journey, replace(place, phrases=not place.phrases))
        case "back":
            return go(journey, DeliveryShown())
        case "send" if not _is_open(journey):
            return _asked(journey, place, touch.at)
        case _:
            return stay(journey)


def _noted(journey: Journey, place: DeliveryNote) -> Turn:
    if journey.plan is None:
        return stay(journey)
    note = Writing(journey.plan.patient.id, "delivery", place.text)
    return replace(go(with_writing(journey, note), place), notes=(note,))


def _asked(journey: Journey, place: DeliveryNote, at: Stamp) -> Turn:
    if journey.plan is None:
        return stay(journey)
    patient = journey.plan.patient.id
    nothing = Writing(patient, "delivery")  # noted too: its last letters may wait to be written
    journey, name = new_name(with_writing(journey, nothing))
    report = DeliveryAsked(delivery=name, asked=at, note=place.text.strip())
    turn = go(_with(journey, patient, Delivery(name)), DeliveryShown(), reports=(report,))
    return replace(turn, notes=(nothing,))


def _received(journey: Journey, at: Stamp) -> Turn:
    delivery = _delivery(journey)
    if delivery is None or journey.plan is None:
        return stay(journey)
    report = DeliveryReceived(delivery=delivery.delivery, received=at)
    told = _with(journey, journey.plan.patient.id, replace(delivery, received=True))
    return go(told, DeliveryShown(), reports=(report,))


def _with(journey: Journey, patient: str, delivery: Delivery) -> Journey:
    return replace(journey, letters=replace(journey.letters or Letters(patient), delivery=delivery))


def _has_pharmacy(journey: Journey) -> bool:
    return journey.plan is not None and not journey.problem and journey.plan.pharmacy is not None


def _delivery(journey: Journey) -> Delivery | None:
    return journey.letters.delivery if journey.letters else None


def _is_open(journey: Journey) -> bool:
    """A request is under way: a second one is not made."""
    delivery = _delivery(journey)
    return delivery is not None and not delivery.received and delivery.told != "refused"


def _may_be_there(journey: Journey) -> bool:
    """From the pharmacy on: a parcel may be faster than what is told of it."""
    delivery = _delivery(journey)
    return delivery is not None and _is_open(journey) and REACHED[delivery.told] >= 1


def _shown(journey: Journey, words: Words) -> DeliveryView:
    said, delivery = words.delivery, _delivery(journey)
    pharmacy = journey.plan.pharmacy.name if journey.plan and journey.plan.pharmacy else ""
    open_, refused = _is_open(journey), delivery is not None and delivery.told == "refused"
    reached = REACHED[delivery.told] if delivery is not None and open_ else -1
    steps = tuple(Step(label, done=number <= reached, now=number == reached) for number, label in enumerate(said.steps))
    return DeliveryView(
        title=said.title,
        pharmacy=pharmacy,
        steps=steps if open_ else (),
        state=_state(delivery, words),
        ask="" if open_ else said.ask,
        received=said.received if _may_be_there(journey) else "",
        back=words.home,
        note=delivery.note if delivery is not None and (open_ or refused) else "",
    )


def _state(delivery: Delivery | None, words: Words) -> str:
    said = words.delivery
    if delivery is None:
        return said.none
    if delivery.received:
        return said.over
    if delivery.told is not None:
        return said.told[delivery.told]
    return {"pending": said.pending, "in_record": said.not_read, "held": said.held}[delivery.truth]


def _note(journey: Journey, place: DeliveryNote, words: Words) -> WritingView:
    said = words.delivery
    return WritingView(
        title=said.note,
        text=place.text,
        placeholder=said.placeholder,
        layer=place.layer,
        warning=warning(journey, words),
        send=said.send,
        back=words.back,
        phrases_label=words.letters.keyboard if place.phrases else words.letters.phrases_label,
        phrases=journey.phrases.delivery,
        phrases_shown=place.phrases,
        empty_allowed=True,
    )
