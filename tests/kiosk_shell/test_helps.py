"""A request for a carer on the real store and the real wire: its state is what the clinic has said, no more."""

import pytest

from kiosk.shell.helps import KEPT_MS
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import ReadReceipt, ReportReference
from mqtt_bridge.contract.report import HelpAsked
from tests.kiosk_shell.test_refusals import refuse, take_again
from tests.support.shell import Bedside

PENDING = "Message au soignant\u00a0: pas encore parti."
ARRIVED = "Message au soignant\u00a0: arrivé, pas encore lu."
READ = "Message au soignant\u00a0: lu par Claire, infirmière."


def ask(bedside: Bedside) -> None:
    bedside.touch("help")
    bedside.touch("ask")


def received(bedside: Bedside) -> list[HelpAsked]:
    kept = bedside.wire.store.contents.reports.values()
    return [one.report.content for one in kept if one.report and isinstance(one.report.content, HelpAsked)]


def read_all(bedside: Bedside, serial: int = 2) -> None:
    reports = tuple(
        ReportReference(epoch=i.epoch, seq=i.seq) for i in bedside.wire.store.contents.reports if i.stream == "kiosk"
    )
    claire = Practitioner(given="Claire", role="infirmière")
    bedside.wire.order(serial, ReadReceipt(reports=reports, reader=claire, reader_id="claire", read_ms=0))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()


def test_gone_arrived_and_read_are_three_things(bedside: Bedside) -> None:
    ask(bedside)
    assert (bedside.view.state, bedside.view.sent) == (PENDING, "pending")
    bedside.clinic_hears()
    assert (bedside.view.state, bedside.view.sent) == (ARRIVED, "arrived")
    assert len(received(bedside)) == 1
    read_all(bedside)
    assert (bedside.view.state, bedside.view.sent) == (READ, "read")


@pytest.mark.parametrize("when", ["before it left", "after it arrived"])
def test_a_kill_loses_no_request_and_its_state_is_at_home(bedside: Bedside, when: str) -> None:
    ask(bedside)
    if when == "after it arrived":
        bedside.clinic_hears()
    bedside.restart()
    assert bedside.screen == "HomeView"
    assert bedside.view.record == (ARRIVED if when == "after it arrived" else PENDING)
    bedside.clinic_hears()
    assert len(received(bedside)) == 1


def test_the_answers_of_a_care_are_told_again_when_help_is_over(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    bedside.touch("done")
    ask(bedside)
    bedside.touch("done")
    assert bedside.view.record == PENDING
    bedside.clinic_hears()
    read_all(bedside)
    assert bedside.view.record == READ
    bedside.clock.pass_ms(61 * 60_000)
    bedside.turn()
    assert bedside.view.record == "Vos réponses sont dans votre dossier."


def test_a_day_later_nothing_of_it_is_kept(bedside: Bedside) -> None:
    ask(bedside)
    bedside.touch("done")
    bedside.clock.pass_ms(KEPT_MS)
    bedside.turn()
    assert bedside.view.record == ""
    assert bedside.store._database.execute("SELECT count(*) FROM help").fetchone() == (0,)


def test_a_request_that_the_disk_refuses_is_not_shown_as_on_its_way_and_leaves_when_it_can(bedside: Bedside) -> None:
    bedside.touch("help")
    refuse(bedside)
    bedside.touch("ask")
    assert bedside.screen == "NoticeView"
    assert "Cette boîte n’appelle pas les secours." in bedside.view.lines
    take_again(bedside)
    assert (bedside.view.state, bedside.view.sent) == (PENDING, "pending")
    bedside.clinic_hears()
    assert bedside.view.state == ARRIVED
    assert len(received(bedside)) == 1
