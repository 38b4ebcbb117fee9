"""The shell on parts in memory, with a real database and a real wire behind it."""

from kiosk.journey.views import Frame, View
from kiosk.screen.fake import FakeWindow
from kiosk.screen.port import PLAIN
from kiosk.shell.store import BedsideStore
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import PlanOrder, ReadReceipt, ReportReference
from mqtt_bridge.contract.report import Listening
from tests.support.shell import Bedside


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


class Observer(FakeWindow):
    """Notes what was on the disk when each picture was shown: reports written, question of the draft."""

    store: BedsideStore
    seen: list[tuple[int, int]]

    def show(self, view: View, monotonic_ms: int, frame: Frame = PLAIN) -> None:
        self.seen.append(on_disk(self.store))
        super().show(view, monotonic_ms, frame)


def on_disk(store: BedsideStore) -> tuple[int, int]:
    draft = store.draft()
    return len(store._read("SELECT id FROM result")), (draft.position or 0) if draft else -1


def observe(bedside: Bedside) -> Observer:
    window = bedside.window
    window.__class__ = Observer
    assert isinstance(window, Observer)
    window.store, window.seen = bedside.store, []
    return window


def test_an_answer_is_on_the_disk_before_the_next_question_is_shown(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.touch("cone", 6)
    window = observe(bedside)
    bedside.touch("continue")
    assert window.seen[0] == (0, 1)


def test_a_confirmed_evaluation_is_on_the_disk_before_the_screen_changes(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    while bedside.screen == "ConeView":
        bedside.touch("decline")
    window = observe(bedside)
    bedside.touch("continue")
    assert bedside.screen == "TextView"
    assert window.seen[0] == (1, 0)


def test_typed_letters_are_gathered_and_kept_within_a_second(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    while bedside.screen == "ConeView":
        bedside.touch("decline")
    bedside.clock.pass_ms(2_000)
    bedside.turn()
    before = bedside.store._database.conn.total_changes
    for letter in "mal":
        bedside.clock.pass_ms(100)
        bedside.window.touch(f"key:{letter}")
        bedside.turn()
    assert bedside.view.text == "mal"
    assert bedside.store._database.conn.total_changes == before + 1
    bedside.clock.pass_ms(1_000)
    bedside.turn()
    draft = bedside.store.draft()
    assert draft is not None
    assert draft.text == "mal"


def test_what_was_typed_is_kept_at_the_next_step_and_when_told_to_stop(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    while bedside.screen == "ConeView":
        bedside.touch("decline")
    bedside.window.touch("key:a")
    bedside.window.touch("key:b")
    bedside.turn()
    bedside.shell.finish()
    draft = bedside.store.draft()
    assert draft is not None
    assert draft.text == bedside.view.text
    bedside.touch("key:c")
    bedside.touch("back")  # another question: written at once
    draft = bedside.store.draft()
    assert draft is not None
    assert draft.position == 4
    assert any(item.answer for item in draft.items)
