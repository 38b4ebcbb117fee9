"""Whatever is touched and whenever the power goes: what is being written is on the disk, and is sent once."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from kiosk.journey.effects import Write
from kiosk.journey.events import LettersTold
from kiosk.journey.letters import Delivery, Letters
from kiosk.journey.notes import Writing
from kiosk.journey.places.delivery import DeliveryNote
from kiosk.journey.places.letters import LetterWriting
from mqtt_bridge.contract.care import Pharmacy
from mqtt_bridge.contract.report import DeliveryAsked, DeliveryReceived, MessageFromPatient
from tests.kiosk_journey.test_letters import message, with_post
from tests.support.words_of_care import plan


class Kept:
    """The walker, and what bedside.db would hold of the letters."""

    def __init__(self) -> None:
        care_plan = structs.replace(plan(), messages=True, pharmacy=Pharmacy(name="Pharmacie du Port"))
        self.walker = with_post(message("m1", "Oui ?", replies=("Oui.",)), care_plan=care_plan)
        self.writings: dict[str, Writing] = {}
        self.delivery: Delivery | None = None
        self.seen = len(self.walker.effects)

    def touch(self, target: str) -> None:
        self.walker.touch(target)
        for effect in self.walker.effects[self.seen :]:
            if isinstance(effect, Write):
                self._write(effect)
        self.seen = len(self.walker.effects)
        self._check()

    def _write(self, order: Write) -> None:
        """As the store does: reports and notes in one transaction."""
        for content in order.reports:
            if isinstance(content, MessageFromPatient):
                under_way = self.writings.pop("letter")
                assert content.text == under_way.text.strip()
            if isinstance(content, DeliveryAsked):
                assert self.delivery is None or self.delivery.received
                under_way = self.writings.pop("delivery", Writing("martin", "delivery"))
                assert content.note == under_way.text.strip()
                self.delivery = Delivery(content.delivery, told="sent")
            if isinstance(content, DeliveryReceived):
                assert self.delivery is not None
                self.delivery = Delivery(content.delivery, told="sent", received=True)
        for note in order.notes:
            if isinstance(note, Writing):
                self.writings[note.about] = note

    def _check(self) -> None:
        place = self.walker.journey.place
        about = {LetterWriting: "letter", DeliveryNote: "delivery"}.get(type(place))
        if isinstance(place, LetterWriting | DeliveryNote) and about is not None:
            assert place.text == (self.writings[about].text if about in self.writings else "")

    def cut(self) -> None:
        self.walker.power_cut(same_boot=False)
        told = Letters("martin", writings=tuple(w for w in self.writings.values() if w.text), delivery=self.delivery)
        self.walker.feel(LettersTold(self.walker.clock(), told))
        self.seen = len(self.walker.effects)


WAYS = (
    ("letters", "write"),
    ("letters:m1", "continue", "reply:0"),
    ("delivery", "ask"),
    ("key:a", "key:b"),
    ("key:backspace",),
    ("key:shift",),
    ("phrase:0",),
    ("more",),
    ("send",),
    ("received",),
    ("back",),
    ("back", "back", "back"),
    ("done",),
    ("cut",),
    ("wait",),
)
"""From home to where one writes, and what one may do there."""


@given(st.lists(st.sampled_from(WAYS), min_size=20, max_size=60))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_what_is_written_is_kept_letter_by_letter_and_sent_once(ways: list[tuple[str, ...]]) -> None:
    kept = Kept()
    for one in (step for way in ways for step in way):
        if one == "cut":
            kept.cut()
        elif one == "wait":
            kept.walker.wait_ms(6 * 60_000)
        else:
            kept.touch(one)
    sent = [content.message for content in kept.walker.told if isinstance(content, MessageFromPatient)]
    assert len(sent) == len(set(sent))


def test_the_walk_reaches_what_it_is_about() -> None:
    kept = Kept()
    for target in ("letters", "write", "key:a", "back", "write", "send", "done", "back", "delivery", "ask", "send"):
        kept.touch(target)
    assert [type(one) for one in kept.walker.told] == [MessageFromPatient, DeliveryAsked]
