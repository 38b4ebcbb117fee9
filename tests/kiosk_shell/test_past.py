"""What the box remembers of each person, on a real database: for thirty days in full, then as plants of a garden."""

from pathlib import Path

from msgspec import structs

from kiosk.journey.events import Past
from kiosk.shell.past import GROWN_MAX, KEPT_MS
from mqtt_bridge.contract.framing import Limits
from mqtt_bridge.contract.order import PlanOrder
from tests.support.shell import Bedside
from tests.support.words_of_care import DAY_MS, plan, request


def listen(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    for height in (4, 4, 4, 4, 6):
        bedside.touch("cone", height)
        bedside.touch("continue")
    bedside.touch("continue")
    bedside.touch("done")


def past(bedside: Bedside, patient: str = "martin") -> Past:
    return bedside.store.past(patient, bedside.clock())


def prescribe(bedside: Bedside, limits: Limits) -> None:
    care = structs.replace(request(), limits=limits)
    bedside.wire.order(2, PlanOrder(plan=plan(care)))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()


def rows(bedside: Bedside) -> list[tuple[object, ...]]:
    query = "SELECT session, request, started_ms, ended_ms, started_wall_ms, before, after, kind FROM past"
    return list(bedside.store._database.execute(query).fetchall())


def test_a_care_is_known_as_soon_as_it_has_ended_and_after_a_kill(bedside: Bedside) -> None:
    listen(bedside)
    (care,) = past(bedside).cares
    assert (care.request, care.kind, care.share, care.counts) == ("riviere", "relaxation", 1.0, True)
    assert dict(care.after)["plaisir"] == 6
    assert care.started_ms <= care.ended_ms < bedside.clock.monotonic_ms
    bedside.restart()
    assert past(bedside).cares == (care,)
    assert bedside.shell._journey.past == past(bedside)


def test_a_care_a_day_is_kept_over_a_kill(bedside: Bedside) -> None:
    prescribe(bedside, Limits(per_day_max=1))
    listen(bedside)
    bedside.restart()
    (tile,) = bedside.view.tiles
    assert (tile.asleep, tile.subtitle) == (True, "Possible demain")
    assert "care:riviere" not in [target.name for target in bedside.window.targets()]


def test_nobody_else_is_told_of_it(bedside: Bedside) -> None:
    listen(bedside)
    assert past(bedside, "durand") == Past("durand")


def test_questions_that_led_to_no_care_are_no_care(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.decline_all()
    bedside.touch("back")
    assert past(bedside) == Past("martin")


def test_after_thirty_days_a_plant_is_left_and_nothing_else(bedside: Bedside) -> None:
    listen(bedside)
    eased = past(bedside).cares[0].eased
    bedside.clock.pass_ms(KEPT_MS - DAY_MS)
    bedside.store.keep_time(bedside.clock())
    assert past(bedside).cares
    bedside.clock.pass_ms(2 * DAY_MS)
    bedside.store.keep_time(bedside.clock())
    told = past(bedside)
    assert told.cares == ()
    assert [(one.kind, one.share, one.eased) for one in told.grown] == [("relaxation", 1.0, eased)]
    assert rows(bedside) == [(None, None, None, None, None, None, None, "relaxation")]


def test_a_garden_has_room_for_so_many(bedside: Bedside) -> None:
    insert = "INSERT INTO past (patient, kind, share, counts, noted_ms) VALUES ('martin', ?, 1.0, 1, 0)"
    for n in range(GROWN_MAX + 5):
        bedside.store._database.execute(insert, ("sleep" if n < 5 else "crisis",))
    listen(bedside)
    bedside.clock.pass_ms(KEPT_MS + DAY_MS)
    bedside.store.keep_time(bedside.clock())
    kinds = [one.kind for one in past(bedside).grown]
    assert len(kinds) == GROWN_MAX
    assert "sleep" not in kinds  # the oldest went


def test_a_file_of_before_gets_the_table(bedside: Bedside, tmp_path: Path) -> None:
    bedside.store._database.execute("DROP TABLE past")
    bedside.store._database.execute("DROP TABLE help")
    bedside.restart()
    assert past(bedside) == Past("martin")
    listen(bedside)
    assert len(past(bedside).cares) == 1


def test_how_much_was_heard_is_known_after_a_kill(bedside: Bedside) -> None:
    """By it a care has following days or not (D3), and a plant its height."""
    bedside.to_playing()
    total = bedside.player.status.frames_total
    bedside.player.tell(phase="ended", outcome="stopped", frames_played=total // 4)
    bedside.turn()
    bedside.restart()
    (care,) = past(bedside).cares
    assert care.share == 0.25
