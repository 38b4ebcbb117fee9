"""Who is in front of the box (A3): signing in, the wait after codes in vain, and nothing of the former person."""

from dataclasses import replace

import pytest
from msgspec import structs

from kiosk.journey.effects import CheckCode, Write
from kiosk.journey.events import ButtonHeld, CodeChecked, PlanChanged, Resident, TriesTold
from kiosk.journey.leaving import IDLE_MS, READING_MS
from kiosk.journey.notes import Tries
from kiosk.journey.people import FREE_TRIES, delay_ms
from kiosk.journey.state import Home
from kiosk.journey.views import CodeView, HomeView, NoticeView, WhoView
from mqtt_bridge.contract.care import AccessCode, CarePlan
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.report import Evaluation
from tests.support.journey import Walker
from tests.support.words_of_care import plan

DIGEST = "$argon2id$v=19$m=8,t=1,p=1$c2VsLXNlbC1zZWw$ZW1wcmVpbnRl"
CODES = {"martin": ("1", "2", "3", "4"), "durand": ("sun", "cat", "key")}


def martin(**changes: object) -> CarePlan:
    code = AccessCode(kind="pin", digest=DIGEST + "martin")
    return structs.replace(plan(), code=code, **changes)


def durand(**changes: object) -> CarePlan:
    code = AccessCode(kind="pictures", digest=DIGEST + "durand", length=3)
    patient = Patient(id="durand", address_as="Monsieur Durand")
    return structs.replace(plan(), id="plan-2", patient=patient, code=code, **changes)


def shared_box() -> Walker:
    walker = Walker(martin())
    walker.feel(PlanChanged(walker.clock(), martin(), "", (Resident(durand()),)))
    walker.wait_ms(IDLE_MS)
    walker.wait_ms(IDLE_MS)
    assert walker.screen == "WhoView"
    return walker


def enter(walker: Walker, patient: str, *, fits: bool = True) -> None:
    kind = "key" if patient == "martin" else "picture"
    for one in CODES[patient]:
        walker.touch(f"{kind}:{one}")
    walker.feel(CodeChecked(walker.clock(), patient, fits))


def sign_in(walker: Walker, patient: str) -> None:
    walker.touch(f"person:{patient}")
    enter(walker, patient)
    walker.hear_told()


def test_a_personal_box_asks_nobody_to_sign_in() -> None:
    walker = Walker(martin())
    assert isinstance(walker.view, HomeView)
    walker.touch("care:riviere")
    assert walker.screen == "ConeView"


def test_a_plan_may_ask_for_the_code_before_a_care_and_then_the_care_begins() -> None:
    walker = Walker(martin(locked=("care",)))
    walker.touch("care:riviere")
    assert isinstance(walker.view, CodeView)
    enter(walker, "martin")
    assert walker.screen == "ChoiceView"


def test_what_was_unlocked_is_locked_again_when_nobody_touches_home() -> None:
    walker = Walker(martin(locked=("care",)))
    walker.touch("care:riviere")
    enter(walker, "martin")
    walker.touch("back")
    walker.touch("care:riviere")
    assert walker.screen == "ConeView"
    walker.touch("back")
    walker.touch("back")
    walker.wait_ms(IDLE_MS)
    walker.touch("care:riviere")
    assert walker.screen == "CodeView"


def test_a_shared_box_asks_who_is_there_and_names_are_all_that_it_tells() -> None:
    view = shared_box().view
    assert isinstance(view, WhoView)
    assert [tile.title for tile in view.people] == ["Madame Martin", "Monsieur Durand"]
    assert not [tile for tile in view.people if tile.subtitle]


def test_signing_in_leads_home_and_signing_out_asks_who_is_there() -> None:
    walker = shared_box()
    sign_in(walker, "durand")
    assert isinstance(walker.view, HomeView)
    assert "Monsieur Durand" in walker.view.greeting
    assert "people" in [link.target for link in walker.view.links]
    walker.touch("people")
    assert walker.screen == "WhoView"


def test_the_code_is_compared_once_and_stands_in_no_repr() -> None:
    walker = shared_box()
    walker.touch("person:durand")
    checks = [effect for one in CODES["durand"] for effect in walker.touch(f"picture:{one}")]
    order = next(effect for effect in checks if isinstance(effect, CheckCode))
    assert (order.patient, order.code) == ("durand", "sun cat key")
    assert "sun cat key" not in repr(order)
    assert "cat" not in repr(walker.journey.place)
    assert walker.touch("picture:sun") == ()  # while it is compared nothing is entered


def test_a_try_is_counted_on_the_disk_before_it_is_compared() -> None:
    walker = shared_box()
    walker.touch("person:durand")
    effects = [effect for one in CODES["durand"] for effect in walker.touch(f"picture:{one}")]
    kinds = [type(effect) for effect in effects]
    assert kinds == [Write, CheckCode]
    (write, _) = effects
    assert isinstance(write, Write)
    assert write.notes == (Tries("durand", 1, walker.clock().monotonic_ms),)
    assert not write.may_wait


def test_codes_in_vain_are_waited_for_longer_and_longer_and_help_stays() -> None:
    walker = shared_box()
    walker.touch("person:martin")
    waits = []
    for _ in range(FREE_TRIES + 5):
        enter(walker, "martin", fits=False)
        assert isinstance(walker.view, CodeView)
        assert walker.view.wrong
        waits.append(walker.journey.tries[0].until_ms - walker.clock().monotonic_ms)
        walker.clock.pass_ms(max(0, waits[-1]) + 1)
        walker.wait_ms(0)
        if walker.screen == "WhoView":  # nobody waits a quarter of an hour before a code
            walker.touch("person:martin")
    assert waits == [0, 0, 30_000, 60_000, 120_000, 300_000, 900_000, 900_000]
    enter(walker, "martin", fits=False)
    view = walker.view
    assert isinstance(view, CodeView)
    assert "15\u00a0minutes" in view.wait
    before = walker.journey
    walker.touch("key:1")
    assert walker.journey.place == before.place
    walker.touch("help")
    assert walker.screen in ("HelpView", "NoticeView")


def test_one_persons_wait_is_not_anothers_and_a_right_code_forgets_it() -> None:
    walker = shared_box()
    walker.touch("person:martin")
    for _ in range(FREE_TRIES):
        enter(walker, "martin", fits=False)
    walker.touch("back")
    sign_in(walker, "durand")
    assert walker.screen == "HomeView"
    walker.touch("people")
    walker.clock.pass_ms(delay_ms(FREE_TRIES) + 1)
    sign_in(walker, "martin")
    assert walker.screen == "HomeView"
    assert walker.journey.tries == ()


def test_the_wait_holds_after_a_restart() -> None:
    walker = shared_box()
    until_ms = walker.clock().monotonic_ms + 900_000
    walker.feel(TriesTold(walker.clock(), (Tries("martin", 9, until_ms),)))
    walker.touch("person:martin")
    view = walker.view
    assert isinstance(view, CodeView)
    assert view.wait
    assert not any(isinstance(effect, CheckCode) for one in "1234" for effect in walker.touch(f"key:{one}"))


def test_who_does_not_touch_is_asked_and_then_signed_out() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    walker.wait_ms(IDLE_MS - 30_000)
    assert isinstance(walker.view, NoticeView)
    assert walker.view.title.startswith("Êtes-vous encore là")
    walker.touch("done")
    assert walker.screen == "HomeView"
    walker.wait_ms(IDLE_MS - 30_000)
    walker.wait_ms(30_000)
    assert walker.screen == "WhoView"


def test_questions_before_a_care_are_kept_as_stopped_when_the_person_goes() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    walker.touch("care:riviere")
    walker.touch("cone", 8)
    walker.touch("continue")
    walker.wait_ms(READING_MS - 30_000)
    assert walker.draft is not None  # the question is still under « êtes-vous encore là ? »
    walker.wait_ms(30_000)
    assert walker.screen == "WhoView"
    assert not walker.draft
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert (report.response.status, report.response.score("angoisse")) == ("stopped", 8)


def test_a_care_is_never_cut_and_its_questions_wait_in_the_dark_for_their_person() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    walker.to_playing()
    walker.wait_ms(20 * 60_000)
    assert walker.screen == "PlayingView"
    walker.sound("ended", 10, "heard_whole")
    walker.touch("cone", 3)
    walker.touch("continue")
    walker.wait_ms(READING_MS - 30_000)
    walker.wait_ms(30_000)
    assert walker.screen == "RestView"
    walker.touch("wake")
    assert walker.screen == "WhoView"
    sign_in(walker, "martin")
    assert walker.screen == "ConeView"
    walker.touch("back")
    assert walker.view.value == 3  # type: ignore[union-attr]


def test_another_person_ends_the_questions_that_waited_and_sees_nothing_of_them() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    walker.to_playing()
    walker.sound("ended", 10, "heard_whole")
    walker.touch("cone", 3)
    walker.touch("continue")
    walker.wait_ms(READING_MS - 30_000)
    walker.wait_ms(30_000)
    walker.touch("wake")
    effects = walker.touch("person:durand")
    enter(walker, "durand")
    assert walker.screen == "HomeView"
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert (report.response.subject.reference, report.response.score("angoisse")) == ("Patient/martin", 3)
    writes = [effect for effect in walker.effects if isinstance(effect, Write) and effect.reports]
    assert writes[-1].plan is not None
    assert writes[-1].plan.patient == "martin"
    assert walker.draft is None
    assert effects == ()


@pytest.mark.parametrize(("minutes", "screen"), [(0.1, "ConeView"), (3, "WhoView")])
def test_after_a_kill_the_person_is_still_there_for_two_minutes_and_no_longer(minutes: float, screen: str) -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    walker.touch("care:riviere")
    walker.touch("cone", 8)
    walker.touch("continue")
    walker.power_cut(minutes=minutes)
    assert walker.screen == screen
    assert bool([one for one in walker.reports if isinstance(one, Evaluation)]) == (screen == "WhoView")
    written = [effect for effect in walker.effects if isinstance(effect, Write)][-1]
    assert written.plan is not None
    assert written.plan.patient == "martin"  # though nobody is signed in


def test_a_person_whose_plan_leaves_the_box_is_signed_out() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    walker.touch("care:riviere")
    third = structs.replace(durand(), id="plan-3", patient=Patient(id="petit", address_as="Madame Petit"))
    walker.feel(PlanChanged(walker.clock(), durand(), "", (Resident(third),)))
    assert walker.screen == "WhoView"
    walker.feel(PlanChanged(walker.clock(), durand()))
    assert isinstance(walker.view, HomeView)
    assert "Monsieur Durand" in walker.view.greeting


def test_a_long_press_leads_staff_to_their_pin_where_nobody_is_signed_in() -> None:
    walker = shared_box()
    walker.feel(ButtonHeld(walker.clock()))
    assert walker.screen in ("CodeView", "NoticeView")
    assert "Martin" not in repr(walker.view)


def test_what_a_former_person_had_answered_is_theirs_though_the_box_is_anothers_after_the_cut() -> None:
    walker = Walker(martin())
    walker.touch("care:riviere")
    walker.touch("cone", 8)
    walker.touch("continue")
    walker.journey = replace(walker.journey, plan=durand(), plans=(Resident(durand()),))
    walker.power_cut()
    written = [effect for effect in walker.effects if isinstance(effect, Write) and effect.reports][-1]
    assert written.plan is not None
    assert written.plan.patient == "martin"


@pytest.mark.parametrize("target", ["care:riviere", "letters"])
def test_when_every_plan_leaves_a_shared_box_nothing_of_anybody_stays(target: str) -> None:
    walker = Walker(martin())
    walker.feel(PlanChanged(walker.clock(), martin(messages=True), "", (Resident(durand()),)))
    walker.touch("people")
    sign_in(walker, "martin")
    walker.touch(target)
    assert walker.screen != "HomeView"
    walker.feel(PlanChanged(walker.clock(), None, "none"))
    assert isinstance(walker.journey.place, Home)
    assert "Martin" not in repr(walker.view)
    assert walker.journey.letters is None


def test_a_code_that_was_changed_while_it_was_compared_opens_nothing() -> None:
    walker = shared_box()
    walker.touch("person:durand")
    for one in CODES["durand"]:
        walker.touch(f"picture:{one}")
    changed = structs.replace(durand(), code=AccessCode(kind="pin", digest=DIGEST + "new", length=4))
    walker.feel(PlanChanged(walker.clock(), martin(), "", (Resident(changed),)))
    walker.feel(CodeChecked(walker.clock(), "durand", fits=True))
    assert isinstance(walker.view, CodeView)
    assert walker.view.entered == 0
    for digit in "1234":
        walker.touch(f"key:{digit}")
    assert CheckCode("durand", DIGEST + "new", "1234") in walker.effects


def test_whose_code_is_entered_and_who_has_left_the_box_is_asked_nothing_more() -> None:
    walker = shared_box()
    walker.touch("person:durand")
    third = structs.replace(durand(), patient=Patient(id="petit", address_as="Madame Petit"))
    walker.feel(PlanChanged(walker.clock(), martin(), "", (Resident(third),)))
    assert walker.screen == "WhoView"
