"""The garden (A13): what is true, simply; nothing withers, nothing is promised; and nobody else's."""

from msgspec import structs

from kiosk.journey.chapters.garden import LEFT_MS
from kiosk.journey.events import Past, PastCare, PastTold, PlanChanged
from kiosk.journey.views import GardenView, HomeView
from mqtt_bridge.contract.identity import Patient
from tests.support.journey import Walker
from tests.support.remembering import Remembering
from tests.support.words_of_care import DAY_MS, plan, request


def garden(walker: Remembering) -> GardenView:
    walker.touch("garden")
    view = walker.view
    assert isinstance(view, GardenView)
    return view


def links(walker: Remembering) -> list[str]:
    assert isinstance(walker.view, HomeView)
    return [link.target for link in walker.view.links]


def untrusted() -> Remembering:
    """Long times: the plan would be over by the clock."""
    walker = Remembering()
    walker.clock.trusted = False
    return walker


def test_before_the_first_care_it_waits_without_a_word_about_it() -> None:
    view = garden(Remembering())
    assert (view.plants, view.pairs, view.pairs_title) == ((), (), "")
    assert view.sentence == "Il pousse avec vos soins."


def test_each_care_is_a_plant_as_high_as_it_was_heard() -> None:
    walker = Remembering()
    walker.listen()
    walker.to_playing()
    walker.sound("ended", 5, "stopped")
    walker.touch("skip")
    walker.evaluate()
    walker.touch("done")
    view = garden(walker)
    assert [(plant.kind, plant.share) for plant in view.plants] == [("relaxation", 1.0), ("relaxation", 0.5)]
    assert view.sentence == "Vous avez pris 2 soins."


def test_the_persons_own_words_before_and_after_a_screen_of_three_at_a_time() -> None:
    walker = Remembering()
    walker.listen(after=(4, 3, 5, 2, 8))
    view = garden(walker)
    assert view.pairs_title == "Votre dernier soin : La rivière"
    assert [(pair.label, pair.before, pair.after) for pair in view.pairs] == [
        ("angoisse ?", 5, 4),
        ("anxiete ?", 5, 3),
        ("douleur ?", 5, 5),
    ]
    assert (view.pairs[1].before_word, view.pairs[1].after_word) == ("moyen", "peu")
    walker.touch("more")
    assert isinstance(walker.view, GardenView)
    assert [(pair.label, pair.ramp) for pair in walker.view.pairs] == [
        ("agitation ?", "intense"),
        ("plaisir ?", "pleasant"),
    ]
    walker.touch("more")
    assert walker.view == view


def test_a_flower_tells_how_much_it_eased_and_never_that_it_got_worse() -> None:
    walker = Remembering()
    walker.listen(after=(2, 2, 2, 2, 8))
    walker.listen(after=(6, 6, 6, 6, 4))
    assert [plant.eased for plant in garden(walker).plants] == [3, 0]


def test_one_who_declines_has_a_plant_and_no_numbers() -> None:
    walker = Remembering()
    walker.touch("care:riviere")
    for _ in range(6):
        walker.touch("decline")
    while walker.screen == "TextView":
        walker.touch("continue")
    walker.sound("ready")
    walker.press()
    walker.sound("ended", 10, "heard_whole")
    walker.evaluate()
    walker.touch("done")
    view = garden(walker)
    assert len(view.plants) == 1
    assert view.plants[0].eased is None
    assert view.pairs == ()


def test_an_absence_changes_nothing() -> None:
    walker = untrusted()
    walker.listen(after=(2, 2, 2, 2, 8))
    before = garden(walker)
    walker.touch("back")
    walker.clock.pass_ms(200 * DAY_MS)
    walker.kept.forget(walker.clock())
    walker.wait_ms(0)
    after = garden(walker)
    assert (after.plants, after.sentence) == (before.plants, before.sentence)
    assert after.pairs == ()  # what was answered is not kept so long


def test_a_care_that_is_prescribed_no_more_keeps_its_plant() -> None:
    walker = Remembering()
    walker.listen()
    walker.feel(PlanChanged(walker.clock(), plan(request("autre"))))
    walker.hear_told()
    view = garden(walker)
    assert len(view.plants) == 1
    assert view.pairs == ()


def test_it_is_there_when_the_plan_shows_it_alone() -> None:
    walker = Remembering(structs.replace(plan(), garden=False))
    assert "garden" not in links(walker)
    walker.touch("garden")
    assert walker.screen == "HomeView"


def test_another_persons_garden_is_their_own() -> None:
    walker = Remembering()
    walker.listen()
    garden(walker)
    other = structs.replace(plan(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    walker.feel(PlanChanged(walker.clock(), other))
    assert walker.screen == "HomeView"
    assert garden(walker).plants == ()


def test_nobody_touches_it_and_home_is_there_again() -> None:
    walker = Remembering()
    garden(walker)
    walker.wait_ms(LEFT_MS - 1_000)
    assert walker.screen == "GardenView"
    walker.wait_ms(1_000)
    assert walker.screen == "HomeView"


def test_a_number_of_a_former_form_is_no_height_of_the_cone_that_took_its_name() -> None:
    """« réveils » was 37 in the plan of last week; in this week's, a cone has its linkId."""
    walker = Walker()
    care = PastCare("s-1", "riviere", "relaxation", 0, 0, before=(("angoisse", 37), ("douleur", 5)),
                    after=(("angoisse", 4), ("douleur", 3)))  # fmt: skip
    walker.feel(PastTold(walker.clock(), Past("martin", (care,))))
    walker.touch("garden")
    assert isinstance(walker.view, GardenView)
    assert [(pair.label, pair.before, pair.after) for pair in walker.view.pairs] == [("douleur ?", 5, 3)]
