"""The record of slots as the box's scripts write it: real scripts, real fw_setenv, a record in a file."""

from pathlib import Path

import pytest

from firmware_config.image.recipe.disk import record
from tests.appliance.slot_machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_start_of_every_day_gives_the_tries_back(machine: Machine) -> None:
    machine.put(BOOT_A_LEFT="2")
    machine.run("slot-good", "A")
    assert machine.record() == {"BOOT_ORDER": "A B", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}
    assert not machine.restarted


@pytest.mark.parametrize("statuses", [("disconnected",), ("disconnected", "unknown")])
def test_a_start_in_the_dark_is_good_by_its_player(machine: Machine, statuses: tuple[str, ...]) -> None:
    """No kiosk stays where every screen is switched off: three such starts would have used up the slot."""
    machine.put(BOOT_A_LEFT="2")
    machine.screens(*statuses)
    machine.only("chevet-player")
    machine.run("slot-good", "A")
    assert machine.record()["BOOT_A_LEFT"] == "3"


@pytest.mark.parametrize("statuses", [("disconnected", "connected"), ()])
def test_without_a_kiosk_a_screen_or_no_driver_at_all_is_no_good_start(
    machine: Machine, statuses: tuple[str, ...]
) -> None:
    machine.put(BOOT_A_LEFT="2")
    machine.screens(*statuses)
    machine.only("chevet-player")
    assert "no kiosk stays" in machine.run("slot-good", "A", code=1)
    assert machine.record()["BOOT_A_LEFT"] == "2"


def test_the_mark_of_an_update_that_was_written_meanwhile_stays(machine: Machine) -> None:
    """A stick is written at once: its slot must be on trial even if this start is called good after that."""
    machine.put(BOOT_A_LEFT="2")
    machine.written_during_the_first_sleep(BOOT_ORDER="B A", CHEVET_TRIAL="B")
    machine.run("slot-good", "A")
    assert machine.record() == {"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3", "CHEVET_TRIAL": "B"}


def test_a_healthy_trial_stays(machine: Machine) -> None:
    machine.put(BOOT_ORDER="B A", BOOT_B_LEFT="2", CHEVET_TRIAL="B")
    (machine.folder / "verdict").write_text("good")
    machine.run("slot-good", "B")
    assert machine.record() == {"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}
    assert not machine.restarted


@pytest.mark.parametrize("verdict", ["bad", ""])
def test_an_unhealthy_trial_goes_back_at_once(machine: Machine, verdict: str) -> None:
    """No verdict within half an hour (the sleeps of this test take no time) is as bad as a bad one."""
    machine.put(BOOT_ORDER="B A", BOOT_B_LEFT="2", CHEVET_TRIAL="B")
    if verdict:
        (machine.folder / "verdict").write_text(verdict)
    machine.run("slot-good", "B")
    assert machine.record() == {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}
    assert machine.restarted


def test_a_trial_that_never_came_up_is_ended_by_the_former_slot(machine: Machine) -> None:
    machine.put(BOOT_ORDER="B A", BOOT_B_LEFT="0", BOOT_A_LEFT="2", CHEVET_TRIAL="B")
    said = machine.run("slot-good", "A")
    assert "did not start on trial" in said
    assert machine.record() == {"BOOT_ORDER": "A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}
    assert not machine.restarted


def test_the_record_stays_one_sector(machine: Machine) -> None:
    machine.put(CHEVET_TRIAL="B", BOOT_ORDER="B A")
    assert machine.env.stat().st_size == len(record())
