"""Messages, lessons and medicines: read, written and asked for, with their true state, and nothing lost."""

from dataclasses import replace

import pytest
from msgspec import structs

from kiosk.journey.effects import Write
from kiosk.journey.events import Forms, FormsTold, LettersTold, PlanChanged
from kiosk.journey.letters import Delivery, Letters, Phrases, Received, SentLetter
from kiosk.journey.notes import Writing
from kiosk.journey.views import DeliveryView, HomeView, LessonView, LettersView, LetterView, NoticeView, WritingView
from mqtt_bridge.contract.care import AccessCode, CarePlan, Pharmacy
from mqtt_bridge.contract.correspondence import MESSAGE_MAX, DeliveryState, MessageToPatient
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.report import (
    DeliveryAsked,
    DeliveryReceived,
    LessonRead,
    MessageFromPatient,
    MessageOpened,
)
from mqtt_bridge.contract.schedule import FormRequest
from mqtt_bridge.contract.teaching import Education, Page
from tests.support.journey import WORDS, Walker
from tests.support.words_of_care import DAY_MS, FORM_URL, NOW_MS, plan

CLAIRE = Practitioner(given="Claire", role="infirmière")
SCRIPT = "<script>alert('bonjour')</script>"


def message(name: str = "m1", *pages: str, replies: tuple[str, ...] = (), sent_ms: int = NOW_MS) -> MessageToPatient:
    text = pages or ("Bonjour.",)
    return MessageToPatient(message=name, patient="martin", sender=CLAIRE, sent_ms=sent_ms, text=text, replies=replies)


def with_post(*received: MessageToPatient, care_plan: CarePlan | None = None, **more: object) -> Walker:
    walker = Walker(care_plan or structs.replace(plan(), messages=True))
    walker.journey = replace(walker.journey, phrases=Phrases(("Merci.", "Je vais mieux."), ("Passez le matin.",)))
    letters = Letters("martin", received=tuple(Received(one) for one in received), **more)  # type: ignore[arg-type]
    walker.feel(LettersTold(walker.clock(), letters))
    return walker


def typed(walker: Walker, text: str) -> None:
    for key in text:
        walker.touch(f"key:{key}")


# Messages


def test_an_unread_message_is_due_at_home_and_no_more_once_it_was_opened() -> None:
    walker = with_post(message())
    assert isinstance(walker.view, HomeView)
    tile = next(tile for tile in walker.view.tiles if tile.kind == "message")
    assert "Claire, infirmière" in tile.subtitle
    walker.touch(tile.target)
    assert isinstance(walker.view, LetterView)
    assert [one.message for one in walker.told if isinstance(one, MessageOpened)] == ["m1"]
    walker.touch("continue")
    walker.touch("back")
    assert isinstance(walker.view, HomeView)
    assert not [tile for tile in walker.view.tiles if tile.kind == "message"]


def test_a_message_counts_as_opened_at_its_last_page_only_and_once() -> None:
    walker = with_post(message("m1", "Un.", "Deux.", "Trois."))
    walker.touch("letters:m1")
    walker.touch("continue")
    assert walker.told == []
    walker.touch("continue")
    walker.touch("back")
    walker.touch("continue")
    assert [type(one) for one in walker.told] == [MessageOpened]


def test_a_ready_answer_is_seen_before_it_is_sent() -> None:
    walker = with_post(message("m1", "Venez-vous ?", replies=("Oui.", "Non.")))
    walker.touch("letters:m1")
    walker.touch("continue")
    assert isinstance(walker.view, LetterView)
    assert walker.view.replies == ("Oui.", "Non.")
    ways = (walker.view.go_on, walker.view.reply)
    assert ways == ("Ne pas répondre", "Écrire un message")  # « D’accord » beside « Oui. » may be taken for an answer
    walker.touch("reply:1")
    assert not [one for one in walker.told if isinstance(one, MessageFromPatient)]
    assert isinstance(walker.view, WritingView)
    assert walker.view.text == "Non."
    walker.touch("send")
    sent = walker.told[-1]
    assert isinstance(sent, MessageFromPatient)
    assert (sent.text, sent.reply_to) == ("Non.", "m1")


def test_what_is_written_is_noted_letter_by_letter_and_can_wait_a_second() -> None:
    walker = with_post()
    walker.touch("letters")
    walker.touch("write")
    (write,) = walker.touch("key:a")
    assert isinstance(write, Write)
    assert write.notes == (Writing("martin", "letter", "a"),)
    assert write.may_wait


def test_what_was_written_is_there_after_a_power_cut_and_after_a_long_silence() -> None:
    walker = with_post()
    walker.touch("letters")
    walker.touch("write")
    typed(walker, "mal au dos")
    walker.wait_ms(5 * 60_000)
    assert walker.screen == "HomeView"
    walker.power_cut(same_boot=False)
    walker.feel(LettersTold(walker.clock(), Letters("martin", writings=(Writing("martin", text="mal au dos"),))))
    walker.touch("letters")
    walker.touch("write")
    assert isinstance(walker.view, WritingView)
    assert walker.view.text == "mal au dos"


def test_a_sent_message_leaves_nothing_under_way_and_tells_its_true_state() -> None:
    walker = with_post()
    walker.touch("letters")
    walker.touch("write")
    typed(walker, "ici")
    walker.touch("send")
    sent = walker.told[-1]
    assert isinstance(sent, MessageFromPatient)
    assert isinstance(walker.view, NoticeView)
    assert walker.view.lines[0] == "Pas encore parti"
    for truth, reader, words in (
        ("in_record", "", "Arrivé, pas encore lu"),
        ("held", "", "Arrivé, pas encore lisible"),
        ("in_record", "Claire, infirmière", "Lu par Claire, infirmière"),
    ):
        letter = SentLetter(sent.message, "ici", 1, NOW_MS, truth, reader)  # type: ignore[arg-type]
        walker.feel(LettersTold(walker.clock(), Letters("martin", sent=(letter,))))
        assert isinstance(walker.view, NoticeView)
        assert walker.view.lines[0] == words
    walker.touch("done")
    assert isinstance(walker.view, LettersView)
    assert walker.view.letters[0].state == "Lu par Claire, infirmière"
    walker.touch("write")
    assert isinstance(walker.view, WritingView)
    assert walker.view.text == ""


def test_an_empty_message_is_not_sent_and_a_long_one_ends_at_its_limit() -> None:
    walker = with_post()
    walker.touch("letters")
    walker.touch("write")
    typed(walker, "  ")
    walker.touch("send")
    assert walker.told == []
    for _ in range(MESSAGE_MAX // 14 + 5):
        walker.touch("phrase:1")
    walker.touch("send")
    sent = walker.told[-1]
    assert isinstance(sent, MessageFromPatient)
    assert len(sent.text) <= MESSAGE_MAX


def test_the_warning_says_where_to_turn_by_place() -> None:
    for place, words in (("establishment", "sonnette"), ("home", "15 ou le 112")):
        walker = with_post(care_plan=structs.replace(plan(), messages=True, place=place))
        walker.touch("letters")
        walker.touch("write")
        assert isinstance(walker.view, WritingView)
        assert words in walker.view.warning


def test_who_may_not_write_reads() -> None:
    walker = with_post(message("m1", "Un.", replies=("Oui.",)), care_plan=plan())
    walker.touch("letters:m1")
    assert isinstance(walker.view, LetterView)
    assert (walker.view.replies, walker.view.reply, walker.view.pages) == ((), "", 1)
    walker.touch("write")
    walker.touch("reply:0")
    assert isinstance(walker.view, LetterView)


def test_locked_messages_ask_for_the_code_and_show_no_name_before() -> None:
    code = AccessCode(kind="pin", digest="$argon2id$x")
    walker = with_post(message(), care_plan=structs.replace(plan(), messages=True, code=code, locked=("messages",)))
    assert isinstance(walker.view, HomeView)
    assert not any("Claire" in tile.subtitle for tile in walker.view.tiles)
    walker.touch("letters:m1")
    assert walker.screen == "CodeView"


def test_days_are_told_by_the_clock_of_the_place_and_only_by_a_sure_one() -> None:
    walker = with_post(message("m1", sent_ms=NOW_MS), message("m2", sent_ms=NOW_MS - DAY_MS))
    walker.touch("letters")
    assert isinstance(walker.view, LettersView)
    assert [line.when for line in walker.view.letters] == ["aujourd’hui", "hier"]
    walker.clock.trusted = False
    view = walker.view
    assert isinstance(view, LettersView)
    assert [line.when for line in view.letters] == ["le 15 janvier", "le 14 janvier"]


def test_a_hundred_messages_are_turned_four_by_four_and_come_round() -> None:
    walker = with_post(*(message(f"m{n}", sent_ms=NOW_MS + n) for n in range(9)))
    walker.touch("letters")
    seen = []
    for _ in range(3):
        assert isinstance(walker.view, LettersView)
        seen += [line.target for line in walker.view.letters]
        walker.touch("more")
    assert len(set(seen)) == 9
    assert isinstance(walker.view, LettersView)
    assert walker.view.letters[0].target == seen[0]


# Lessons


def test_what_was_just_written_under_a_clock_of_1970_stands_first() -> None:
    own = SentLetter("s1", "Écrit maintenant", 1)
    walker = with_post(message(), sent=(own,))
    walker.clock.wall_ms, walker.clock.trusted = 5_000, False
    walker.touch("letters")
    assert isinstance(walker.view, LettersView)
    assert [line.excerpt for line in walker.view.letters] == ["Écrit maintenant", "Bonjour."]


def lesson(read_back: str = f"{FORM_URL}|1") -> Education:
    pages = tuple(Page(heading=f"Page {n}", text=SCRIPT, picture="sleep") for n in range(3))
    return Education(id="sommeil", version=2, title="Mieux dormir", pages=pages, read_back=read_back)


def test_a_lesson_is_due_until_it_was_read_whole_and_then_its_read_back_is_asked() -> None:
    walker = with_post(care_plan=structs.replace(plan(), education=(lesson(),)))
    assert isinstance(walker.view, HomeView)
    assert "lessons:sommeil" in [tile.target for tile in walker.view.tiles]
    walker.touch("lessons:sommeil")
    view = walker.view
    assert isinstance(view, LessonView)
    assert (view.text, view.page, view.pages) == (SCRIPT, 1, 3)  # shown as it is written
    for _ in range(3):
        walker.touch("continue")
    report = walker.told[0]
    assert isinstance(report, LessonRead)
    assert (report.pages_read, report.pages, report.version) == (3, 3, 2)
    assert report.duration_s > 1
    assert walker.screen not in ("HomeView", "LessonView")  # the read-back
    walker.touch("back")


def test_a_lesson_whose_plan_is_replaced_while_it_is_read_is_read_to_its_end_and_asks_nothing() -> None:
    walker = with_post(care_plan=structs.replace(plan(), education=(lesson(),)))
    walker.touch("lessons:sommeil")
    form = structs.replace(plan().questionnaires[0], url="urn:other")
    cares = tuple(structs.replace(one, questionnaire=form.canonical) for one in plan().activity)
    other = structs.replace(plan(), version=2, questionnaires=(form,), activity=cares)
    walker.feel(PlanChanged(walker.clock(), other))
    for _ in lesson().pages:
        assert isinstance(walker.view, LessonView)
        walker.touch("continue")
    assert [(one.pages_read, one.pages) for one in walker.told if isinstance(one, LessonRead)] == [(3, 3)]
    assert isinstance(walker.view, HomeView)


def test_a_lesson_that_was_left_is_told_as_far_as_it_was_read_and_is_due_again() -> None:
    walker = with_post(care_plan=structs.replace(plan(), education=(lesson(),)))
    walker.touch("lessons:sommeil")
    walker.touch("continue")
    walker.touch("back")
    walker.wait_ms(10 * 60_000)
    (report,) = walker.told
    assert isinstance(report, LessonRead)
    assert (report.pages_read, report.pages) == (2, 3)
    assert isinstance(walker.view, HomeView)
    assert "lessons:sommeil" in [tile.target for tile in walker.view.tiles]


def test_a_lesson_that_was_read_is_a_link_and_asks_nothing_again() -> None:
    walker = with_post(care_plan=structs.replace(plan(), education=(lesson(),)), lessons=(("sommeil", 2),))
    assert isinstance(walker.view, HomeView)
    assert "lessons:sommeil" not in [tile.target for tile in walker.view.tiles]
    assert "lessons" in [link.target for link in walker.view.links]
    walker.touch("lessons")
    walker.touch("lessons:sommeil")
    for _ in range(3):
        walker.touch("continue")
    assert walker.screen == "HomeView"


@pytest.mark.parametrize(("minutes", "same_boot"), [(0.1, True), (30, True), (0.1, False)])
def test_how_far_a_lesson_was_read_is_told_though_the_power_went(minutes: float, same_boot: bool) -> None:  # noqa: FBT001
    walker = with_post(care_plan=structs.replace(plan(), education=(lesson(),)))
    walker.touch("lessons:sommeil")
    walker.touch("continue")
    walker.power_cut(minutes=minutes, same_boot=same_boot)
    if minutes < 1 and same_boot:
        assert isinstance(walker.view, LessonView)
        assert walker.view.page == 2
        walker.touch("back")
        walker.touch("back")
    assert walker.screen == "HomeView"
    (report,) = walker.told
    assert isinstance(report, LessonRead)
    assert report.pages_read == 2
    assert report.duration_s < 60


# Medicines


def pharmacy_plan() -> CarePlan:
    return structs.replace(plan(), pharmacy=Pharmacy(name="Pharmacie du Port"))


def test_medicines_are_asked_for_once_and_followed_to_the_parcel() -> None:
    walker = with_post(care_plan=pharmacy_plan())
    walker.touch("delivery")
    assert isinstance(walker.view, DeliveryView)
    assert (walker.view.pharmacy, walker.view.steps, bool(walker.view.ask)) == ("Pharmacie du Port", (), True)
    walker.touch("ask")
    typed(walker, "vite")
    walker.touch("send")
    asked = walker.told[-1]
    assert isinstance(asked, DeliveryAsked)
    assert asked.note == "vite"
    walker.touch("ask")  # a second one is not made
    walker.touch("send")
    assert [type(one) for one in walker.told] == [DeliveryAsked]
    states: tuple[tuple[DeliveryState, int], ...] = (
        ("received", 0), ("sent", 1), ("prepared", 2), ("on-the-way", 3), ("delivered", 4),
    )  # fmt: skip
    for state, reached in states:
        told = Letters("martin", delivery=Delivery(asked.delivery, "in_record", state, "Demain matin"))
        walker.feel(LettersTold(walker.clock(), told))
        view = walker.view
        assert isinstance(view, DeliveryView)
        assert [step.now for step in view.steps].index(True) == reached
        assert view.note == "Demain matin"
        assert bool(view.received) == (reached >= 1)
    walker.touch("received")
    assert isinstance(walker.told[-1], DeliveryReceived)
    assert isinstance(walker.view, DeliveryView)
    assert walker.view.ask


def test_a_refused_delivery_says_so_and_may_be_asked_for_again() -> None:
    walker = with_post(care_plan=pharmacy_plan(), delivery=Delivery("d1", "in_record", "refused", "Fermée en août"))
    walker.touch("delivery")
    view = walker.view
    assert isinstance(view, DeliveryView)
    assert (view.note, bool(view.ask), view.received) == ("Fermée en août", True, "")


def test_without_a_pharmacy_nothing_can_be_asked_for() -> None:
    walker = with_post()
    walker.touch("delivery")
    assert walker.screen == "HomeView"


def test_a_page_of_a_lesson_turns_by_its_own_button_alone() -> None:
    walker = with_post(care_plan=structs.replace(plan(), education=(lesson(),)))
    walker.touch("lessons:sommeil")
    for page in range(1, len(lesson().pages) + 1):
        for strange in ("listen", "done", "continue:1", "lessons:sommeil"):
            walker.touch(strange)
        assert isinstance(walker.view, LessonView)
        assert walker.view.page == page
        assert walker.view.go_on == (WORDS.done if page == len(lesson().pages) else WORDS.go_on)
        walker.touch("continue")
    assert not isinstance(walker.view, LessonView)


def test_a_lesson_that_was_read_hides_no_message() -> None:
    walker = with_post(message(), care_plan=structs.replace(plan(), messages=True, education=(lesson(read_back=""),)))
    walker.touch("lessons:nobody-knows-it")
    assert isinstance(walker.view, HomeView)
    walker.touch("lessons:sommeil")
    for _ in lesson().pages:
        walker.touch("continue")
    assert isinstance(walker.view, HomeView)
    assert "letters:m1" in [tile.target for tile in walker.view.tiles]


def forms_due(many: int) -> CarePlan:
    """As many forms are asked today."""
    weekly = tuple(
        FormRequest(f"semaine-{n}", "Votre semaine", FORM_URL + "|1", "monitoring", 7, NOW_MS - DAY_MS, 7, "self")
        for n in range(many)
    )
    return structs.replace(plan(), messages=True, forms=weekly)


@pytest.mark.parametrize("many", [0, 1, 2, 4])
def test_a_new_message_is_seen_at_home_however_much_else_is_due(many: int) -> None:
    """By its tile and by the mark on the link, which says to closed eyes what it shows."""
    walker = with_post(message("m1"), message("m2"), care_plan=forms_due(many))
    walker.feel(FormsTold(walker.clock(), Forms("martin", (), walker.clock().wall_ms)))
    view = walker.view
    assert isinstance(view, HomeView)
    kinds = [tile.kind for tile in view.tiles]
    assert "message" in kinds
    assert many < 2 or view.tiles[-1].target == "choose:others"
    [link] = [link for link in view.links if link.kind == "message"]
    assert (link.new, link.subtitle) == (2, WORDS.letters.unread.format(unread=2))
    for name in ("m1", "m2"):
        walker.touch("letters")
        walker.touch(f"letter:{name}")
        walker.touch("back")
        walker.touch("back")
    view = walker.view
    assert isinstance(view, HomeView)
    [link] = [link for link in view.links if link.kind == "message"]
    assert (link.new, link.subtitle) == (0, "")
    assert "message" not in [tile.kind for tile in view.tiles]
