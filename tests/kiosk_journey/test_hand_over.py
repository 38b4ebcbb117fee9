"""Two people, one box, any journeys, power cuts: no screen shown to one holds a word of the other's (A3).

Every word of each person carries their mark: name, plan, care, form, messages, lessons, answers. Who is in front is
followed here by what was done alone: a code that fitted, signing out, time, and a kiosk that was away for long.
"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from kiosk.journey.events import CodeChecked, LettersTold, PlanChanged, RecordTold, Resident, Sound, SoundReported
from kiosk.journey.leaving import IDLE_MS, READING_MS
from kiosk.journey.letters import Delivery, Letters, Received, SentLetter
from kiosk.journey.people import AWAY_MS_MAX
from kiosk.journey.views import CodeView, HomeView, PlayingView, RestView, View, WhoView
from mqtt_bridge.contract.care import AccessCode, CarePlan, Pharmacy
from mqtt_bridge.contract.correspondence import MessageToPatient
from mqtt_bridge.contract.forms import QuestionnaireItem
from mqtt_bridge.contract.identity import Patient, Practitioner
from mqtt_bridge.contract.teaching import Education, Page
from tests.support.journey import Walker
from tests.support.words_of_care import NOW_MS, form, plan, request

PEOPLE = ("anna", "boris")
MARKS = {"anna": "ÀANNA", "boris": "ÔBORIS"}


def plan_of(who: str) -> CarePlan:
    mark = MARKS[who]
    items = tuple(_marked(item, mark) for item in form().item)
    asked = structs.replace(form(), url=f"urn:test:{who}", title=mark, item=items)
    canonical = f"urn:test:{who}|1"
    care = structs.replace(
        request(kind="sleep" if who == "boris" else "relaxation"),
        title=f"Soin {mark}",
        explanation=(f"Écoute {mark}",),
        advice=(mark,),
        questionnaire=canonical,
    )
    page = Page(heading=mark, text=f"Leçon {mark}")
    return structs.replace(
        plan(care),
        id=f"plan-{who}",
        patient=Patient(id=who, address_as=mark),
        questionnaires=(asked,),
        code=AccessCode(kind="pin", digest=f"$argon2id${who}"),
        messages=True,
        pharmacy=Pharmacy(name=f"Pharmacie {mark}"),
        education=(Education(id="l", version=1, title=f"Titre {mark}", pages=(page, page), read_back=canonical),),
    )


def _marked(item: QuestionnaireItem, mark: str) -> QuestionnaireItem:
    return structs.replace(item, text=f"{item.text} {mark}")


def letters_of(who: str) -> Letters:
    mark = MARKS[who]
    sender = Practitioner(given=f"Claire {mark}", role="infirmière")
    message = MessageToPatient(
        message=f"m-{who}", patient=who, sender=sender, sent_ms=NOW_MS, text=(f"Message {mark}", mark), replies=(mark,)
    )
    return Letters(
        patient=who,
        received=(Received(message),),
        sent=(SentLetter(f"s-{who}", f"Écrit {mark}", 1, NOW_MS, "in_record", f"Lu {mark}"),),
        delivery=Delivery(f"d-{who}", "in_record", "sent", f"Passage {mark}"),
    )


class Watched:
    """The box, and who must be in front of it as far as an onlooker can tell."""

    def __init__(self) -> None:
        self.walker = Walker(plan_of("anna"))
        self.walker.feel(PlanChanged(self.walker.clock(), plan_of("anna"), "", (Resident(plan_of("boris")),)))
        self.front: str | None = "anna"
        """The only one whose words may be seen; a box that has just become shared is hers until she goes."""
        self.entering: str | None = None
        self.idle_ms = 0

    def sign_in(self, who: str, *, fits: bool) -> None:
        if not isinstance(self.walker.view, WhoView):
            return
        self.touch(f"person:{who}")
        for digit in "1234":
            self.touch(f"key:{digit}")
        self.walker.feel(CodeChecked(self.walker.clock(), who, fits))
        if fits and not self._waits(who):
            self.front = who
        self.check()
        self.tell()

    def _waits(self, who: str) -> bool:
        """Whether codes in vain must be waited for: then nothing was compared."""
        return any(one.patient == who and one.failures > 1 for one in self.walker.journey.tries)

    def tell(self) -> None:
        """As the shell does: of the person in front."""
        journey = self.walker.journey
        if journey.plan is None:
            return
        who = journey.plan.patient.id
        self.walker.hear_told()
        self.walker.feel(LettersTold(self.walker.clock(), letters_of(who)))
        self.walker.feel(RecordTold(self.walker.clock(), who, "s", "in_record", MARKS[who]))
        self.check()

    def tell_late(self, who: str) -> None:
        """What was read for somebody who has gone meanwhile."""
        self.walker.feel(LettersTold(self.walker.clock(), letters_of(who)))
        self.walker.feel(RecordTold(self.walker.clock(), who, "s", "in_record", MARKS[who]))
        self.check()

    def touch(self, target: str, height: int | None = None) -> None:
        if target == "people" and isinstance(self.walker.view, HomeView):
            self.front = None
        self.idle_ms = 0
        self.walker.touch(target, height)
        self.check()

    def wait_ms(self, milliseconds: int) -> None:
        self.idle_ms += milliseconds
        self.walker.wait_ms(milliseconds)
        self.walker.wait_ms(0)
        playing = isinstance(self.walker.view, PlayingView)
        if isinstance(self.walker.view, WhoView | RestView) and self.idle_ms >= IDLE_MS - 30_000:
            self.front = None
        if self.idle_ms >= 2 * READING_MS and not playing:
            self.front = None
        self.check()

    def power(self, minutes: float, *, same_boot: bool) -> None:
        draft = self.walker.draft
        self.walker.power_cut(minutes=minutes, same_boot=same_boot)
        if draft is None or not same_boot or minutes * 60_000 > AWAY_MS_MAX:
            self.front = None
        self.check()
        self.tell()

    def sound(self, phase: str) -> None:
        walker = self.walker
        session = walker.draft.session if walker.draft else walker.session
        if phase == "idle":
            walker.feel(SoundReported(walker.clock(), Sound("idle")))
        elif phase == "ended":
            walker.sound("ended", 10, "heard_whole", session=session)
        else:
            walker.sound(phase, 1, session=session)  # type: ignore[arg-type]
        self.check()

    def visit(self, who: str, target: str, *, goes: bool) -> None:
        """Somebody signs in, looks at something, and goes without a word, or signs out."""
        self.away()
        self.sign_in(who, fits=True)
        self.touch(target)
        self.touch("continue")
        if goes:
            self.away()

    def care(self, who: str) -> None:
        """A care that is heard whole, and its first question."""
        self.away()
        self.sign_in(who, fits=True)
        if isinstance(self.walker.view, HomeView) and self.front is not None:
            self.walker.to_playing()
            self.sound("ended")
            if not isinstance(self.walker.view, RestView):
                self.touch("cone", 4)

    def away(self) -> None:
        for _ in range(3):
            self.wait_ms(READING_MS)

    def check(self) -> None:
        view = self.walker.view
        for who in PEOPLE:
            if who != self.front:
                assert MARKS[who] not in self._said(view), (self.front, view)

    def _said(self, view: View) -> str:
        """Every word of a screen; of « Qui est là ? » and of a code the names are what they are there for."""
        if isinstance(view, WhoView):
            return repr(replace(view, people=()))
        return repr(replace(view, title="") if isinstance(view, CodeView) else view)


TOUCHES = [
    "care:riviere", "continue", "back", "decline", "yes", "no", "stop", "done", "help", "wake", "choose", "more",
    "people", "letters", "letters:m-anna", "letters:m-boris", "letter:m-anna", "letter:s-anna", "letter:m-boris",
    "write",
    "key:a", "send", "reply:0", "lessons", "lessons:l", "delivery", "ask", "received", "garden", "option:0", "skip",
    "person:anna", "person:boris", "keep",
]  # fmt: skip
PLACES = ("letters:m-anna", "letters:m-boris", "letters", "lessons:l", "delivery", "care:riviere", "garden", "help")
Value = str | int | tuple[str, str, bool]
STEPS: st.SearchStrategy[tuple[str, Value]] = st.one_of(
    st.sampled_from(TOUCHES).map(lambda target: ("touch", target)),
    st.integers(0, 10).map(lambda height: ("cone", height)),
    st.sampled_from(PEOPLE).map(lambda who: ("in", who)),
    st.sampled_from(PEOPLE).map(lambda who: ("in vain", who)),
    st.sampled_from(PEOPLE).map(lambda who: ("late", who)),
    st.just(("press", 0)),
    st.sampled_from(PEOPLE).map(lambda who: ("care", who)),
    st.just(("away", 0)),
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PLACES), st.booleans()).map(lambda visit: ("visit", visit)),
    st.sampled_from(["ready", "playing", "ended", "idle"]).map(lambda phase: ("sound", phase)),
    st.sampled_from([1_000, 30_000, IDLE_MS, READING_MS]).map(lambda ms: ("wait", ms)),
    st.sampled_from(["kill", "long", "cut"]).map(lambda kind: ("power", kind)),
)


@given(st.lists(STEPS, min_size=5, max_size=60))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_no_screen_shown_to_one_holds_a_word_of_the_other(steps: list[tuple[str, Value]]) -> None:
    box = Watched()
    for kind, value in steps:
        _do(box, kind, value)


def _do(box: Watched, kind: str, value: Value) -> None:
    match kind:
        case "touch":
            box.touch(str(value))
        case "visit" if isinstance(value, tuple):
            box.visit(value[0], value[1], goes=value[2])
        case "care" | "away":
            box.care(str(value)) if kind == "care" else box.away()
        case "cone" if isinstance(value, int):
            box.touch("cone", value)
            box.touch("continue")
        case "in":
            box.sign_in(str(value), fits=True)
        case "in vain":
            box.sign_in(str(value), fits=False)
        case "late":
            box.tell_late(str(value))
        case "press":
            box.walker.press()
            box.check()
        case "wait" if isinstance(value, int):
            box.wait_ms(value)
        case "sound":
            box.sound(str(value))
        case "power":
            box.power(3 if value == "long" else 0.1, same_boot=value != "cut")


def test_the_onlooker_sees_the_words_of_who_is_in_front() -> None:
    """The property would hold of a box that shows nothing."""
    box = Watched()
    box.tell()
    assert "ÀANNA" in repr(box.walker.view)
    box.touch("people")
    box.sign_in("boris", fits=True)
    assert "ÔBORIS" in repr(box.walker.view)
    for target in ("letters", "letter:m-boris", "continue"):
        box.touch(target)
        assert "ÔBORIS" in repr(box.walker.view)
