"""The shell on parts in memory, with a real database and a real wire behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge.contract.care import Practitioner
from mqtt_bridge.contract.order import PlanOrder, ReadReceipt, ReportReference
from mqtt_bridge.contract.report import Listening
from tests.support.shell import Bedside
from tests.support.wire import Wire


@pytest.fixture
def bedside(tmp_path: Path) -> Iterator[Bedside]:
    wire = Wire(tmp_path)
    wire.settle_down()
    bedside = Bedside(tmp_path, wire)
    bedside.prescribe()
    yield bedside
    bedside.stop()
    bedside.window.close()
    bedside.button.close()
    wire.link_store.close()


def test_the_plan_comes_over_the_wire(bedside: Bedside) -> None:
    assert [tile.title for tile in bedside.view.tiles] == ["La rivière"]
    bedside.wire.order(2, PlanOrder(plan=None))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    assert bedside.view.tiles == ()


def test_the_whole_session_and_the_three_truths(bedside: Bedside) -> None:
    bedside.to_playing()
    assert bedside.screen == "PlayingView"
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    assert bedside.screen == "ThanksView"
    assert "pas encore parties" in bedside.view.record
    bedside.clinic_hears()
    assert bedside.view.in_record
    bedside.touch("done")
    assert (bedside.view.record, bedside.view.read) == ("Vos réponses sont dans votre dossier.", "")
    reports = tuple(
        ReportReference(epoch=i.epoch, seq=i.seq) for i in bedside.wire.store.contents.reports if i.stream == "kiosk"
    )
    claire = Practitioner(given="Claire", role="infirmière")
    for serial, read in ((2, reports[:2]), (3, reports[2:])):
        assert bedside.view.read == ""  # read in part is not read
        bedside.wire.order(serial, ReadReceipt(reports=read, reader=claire, reader_id="claire", read_ms=0))
        bedside.wire.send_orders()
        bedside.wire.settle_down()
        bedside.clinic_hears()
    assert bedside.view.read == "Lues par Claire, infirmière"


def test_the_player_is_told_what_to_play_once(bedside: Bedside) -> None:
    bedside.to_playing()
    for _ in range(10):
        bedside.push()
    kinds = [type(command).__name__ for command in bedside.player.commands]
    assert kinds.count("Start") == 1
    assert kinds.count("Prepare") == 1


def test_a_result_stays_with_the_player_until_it_is_written(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    assert type(bedside.player.commands[-1]).__name__ == "Collect"


def test_a_killed_kiosk_finds_the_sound(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.restart()
    assert bedside.screen == "PlayingView"
    bedside.player.play_whole()
    bedside.turn()
    assert bedside.screen == "ConeView"


def test_a_player_that_is_killed(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.vanish()
    bedside.turn()
    bedside.player.come_back()
    bedside.clock.pass_ms(1_000)
    bedside.turn()
    assert bedside.screen == "NoticeView"
    bedside.clinic_hears()
    told = [a.report.content for a in bedside.wire.store.contents.reports.values() if a.report]
    assert [c.cause for c in told if isinstance(c, Listening)] == ["player-lost"]


def test_the_light_says_that_the_button_is_awaited(bedside: Bedside) -> None:
    bedside.to_playing()
    assert bedside.button.lights[-3:] == ["breathing", "on", "off"]


def test_an_answer_is_on_the_disk_before_the_screen_changes(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.touch("cone", 6)
    seen_on_disk: list[int] = []
    show = bedside.window.show

    def watched(view, monotonic_ms):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        draft = bedside.store.draft()
        seen_on_disk.append(draft.index if draft else -1)
        show(view, monotonic_ms)

    bedside.window.show = watched  # type: ignore[method-assign]
    bedside.touch("continue")
    assert seen_on_disk[0] == 1
