"""A shared box on real parts: orders over the wire, codes compared apart, waits and standings kept by the disk."""

import os
import select
from pathlib import Path

from msgspec import structs

from kiosk.journey.effects import CheckCode, Write
from kiosk.journey.views import CodeView, HomeView, RestView, WhoView
from kiosk.shell.people import CodeDesk
from kiosk.shell.store import BedsideStore
from mqtt_bridge.contract.care import AccessCode, CarePlan, PlanReference
from mqtt_bridge.contract.correspondence import Standing
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import DeathTold
from mqtt_bridge.seal import code_digest, make_keys
from tests.support.shell import Bedside
from tests.support.wire import enrolled
from tests.support.words_of_care import ManualClock, plan

ANSWER_S_MAX = 60.0


def person(name: str, code: str) -> CarePlan:
    return structs.replace(
        plan(),
        id=f"plan-{name}",
        patient=Patient(id=name, address_as=name.capitalize()),
        code=AccessCode(kind="pin", digest=code_digest(code)),
    )


def share(bedside: Bedside) -> None:
    send(bedside, 2, PlanOrder(plan=person("martin", "1111"), others=(person("durand", "2222"),)))
    bedside.clock.pass_ms(10 * 60_000)
    bedside.turn()
    bedside.clock.pass_ms(31_000)
    bedside.turn()
    assert bedside.screen == "WhoView"


def send(bedside: Bedside, serial: int, content: object) -> None:
    bedside.wire.order(serial, content)  # type: ignore[arg-type]
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()


def enter(bedside: Bedside, patient: str, code: str) -> None:
    if isinstance(bedside.view, WhoView):
        bedside.touch(f"person:{patient}")
    for digit in code:
        bedside.touch(f"key:{digit}")
    wait_for(bedside.codes)
    bedside.turn()


def wait_for(codes: CodeDesk) -> None:
    assert select.select([codes.fileno()], [], [], ANSWER_S_MAX)[0], "the code was never compared"


def test_each_signs_in_by_their_own_code(bedside: Bedside) -> None:
    share(bedside)
    enter(bedside, "durand", "1111")
    assert isinstance(bedside.view, CodeView)
    assert bedside.view.wrong
    enter(bedside, "durand", "2222")
    assert isinstance(bedside.view, HomeView)
    assert "Durand" in bedside.view.greeting
    assert bedside.shell._journey.ears is not None  # what the journey must know of them was read at once
    assert bedside.shell._journey.ears.patient == "durand"


def test_no_code_is_on_the_disk(bedside: Bedside, tmp_path: Path) -> None:
    share(bedside)
    enter(bedside, "durand", "8642")
    enter(bedside, "durand", "2222")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"8642" not in kept
    assert b"2222" not in kept


def test_the_wait_after_codes_in_vain_is_kept_through_a_kill(bedside: Bedside) -> None:
    share(bedside)
    for _ in range(4):
        enter(bedside, "martin", "9999")
        if isinstance(bedside.view, CodeView) and bedside.view.wait:
            bedside.clock.pass_ms(31_000)
            bedside.turn()
    bedside.restart()
    assert isinstance(bedside.view, WhoView)
    bedside.touch("person:martin")
    assert isinstance(bedside.view, CodeView)
    assert bedside.view.wait
    bedside.touch("back")
    enter(bedside, "durand", "2222")
    assert isinstance(bedside.view, HomeView)


def test_a_machine_that_was_switched_off_waits_the_whole_time_again(bedside: Bedside) -> None:
    share(bedside)
    for _ in range(3):
        enter(bedside, "martin", "9999")
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 1_000
    bedside.restart()
    bedside.touch("person:martin")
    assert isinstance(bedside.view, CodeView)
    assert bedside.view.wait


def test_a_right_code_forgets_the_codes_in_vain(bedside: Bedside) -> None:
    share(bedside)
    enter(bedside, "martin", "9999")
    enter(bedside, "martin", "1111")
    assert bedside.store.tries(bedside.clock()) == ()


def test_after_a_death_the_box_stays_dark_through_restarts_and_a_lost_link_db(bedside: Bedside) -> None:
    send(bedside, 2, Standing(patient="martin", state="deceased", since_ms=1))
    assert isinstance(bedside.view, RestView)
    bedside.restart()
    assert isinstance(bedside.view, RestView)
    wire = bedside.wire
    wire.link_client.stop()
    wire.link_store.close()
    for path in bedside.folder.glob("link.db*"):
        path.unlink()
    bedside.restart()
    wire._start_link()
    assert isinstance(bedside.view, RestView)


def test_a_later_order_lifts_it_and_an_older_one_does_not(bedside: Bedside) -> None:
    send(bedside, 5, Standing(patient="martin", state="deceased", since_ms=2))
    send(bedside, 4, Standing(patient="martin", state="active", since_ms=1))
    assert isinstance(bedside.view, RestView)
    send(bedside, 6, Standing(patient="martin", state="active", since_ms=3))
    assert isinstance(bedside.view, HomeView)


def test_codes_are_compared_apart_from_the_loop() -> None:
    gate = os.eventfd(0)

    def slow(digest: str, code: str) -> bool:
        os.eventfd_read(gate)
        return digest == code

    desk = CodeDesk(slow)
    desk.check(CheckCode("martin", "1234", "1234"))
    assert desk.answers() == []
    os.eventfd_write(gate, 1)
    wait_for(desk)
    assert desk.answers() == [("martin", True)]
    desk.close()
    os.close(gate)


def test_a_death_told_here_holds_though_the_links_memory_of_all_orders_is_lost(tmp_path: Path) -> None:
    enrolment = enrolled(tmp_path / "enrolment", make_keys())
    store, now = BedsideStore(tmp_path / "bedside.db", enrolment), ManualClock()()
    store.take_standing(Standing(patient="martin", state="active", since_ms=0), 7)
    store.close()
    store = BedsideStore(tmp_path / "bedside.db", enrolment)
    assert store.standings(0) == (("martin", "active"),)
    store.write(Write(now, (DeathTold(told=now),), PlanReference(patient="martin", plan="plan-1", version=1), None))
    assert store.standings(0) == (("martin", "deceased"),)
    store.close()
