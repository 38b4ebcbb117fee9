"""What is asked of a card that lost its power while an update was written, itself tested: on small logs made here."""

from pathlib import Path

import pytest

from firmware_config.image.recipe.disk import MIB, SECTOR, record
from tests.appliance import halfway, slots, writes
from tests.appliance.halfway import PLACES
from tests.appliance.qmp import EmulatorError
from tests.appliance.small_update import FLUSH, Update

A, B = record("A B"), record("B A", trial="B")


@pytest.fixture
def update(tmp_path: Path) -> Update:
    return Update(tmp_path)


def test_an_update_that_is_flushed_before_the_record_names_it_is_whole_at_any_cut(update: Update) -> None:
    found = update.write(update.laid(), [FLUSH], [(MIB, B, 0), FLUSH], [(PLACES["data"][0], A, 0)])
    assert update.wrong(found) == ({"a", "b"}, [])


def test_a_record_that_comes_before_the_flush_is_found_out(update: Update) -> None:
    _, told = update.wrong(update.write(update.laid(), [(MIB, B, 0), FLUSH]))
    assert {
        "slot B is taken, and root-b is not the update's",
        "slot B is taken, and boot-b is not the update's",
    } <= set(told)


def test_a_slot_that_comes_first_one_write_before_its_mark_is_found_out(update: Update) -> None:
    """Seen: RAUC's own backend wrote the order, and our handler the mark after it."""
    first = record("B A")
    _, told = update.wrong(update.write(update.laid(), [FLUSH, (MIB, first, 0), FLUSH, (MIB, B, 0), FLUSH]))
    assert set(told) == {"slot B is taken, and was never on trial"}


def test_a_slot_that_was_called_good_is_no_longer_on_trial(update: Update) -> None:
    good = record("B A")
    found = update.write(update.laid(), [FLUSH, (MIB, B, 0), FLUSH, (MIB, good, 0), FLUSH])
    assert update.wrong(found) == ({"a", "b"}, [])


def test_a_slot_that_is_spoilt_while_it_is_the_one_that_runs_is_found_out(update: Update) -> None:
    inside = PLACES["root-a"][0] + PLACES["root-a"][1] - SECTOR
    _, told = update.wrong(update.write(update.laid(), [(inside, bytes(SECTOR), 0), FLUSH]))
    assert "slot A is taken, and was written to 1 times" in told


def test_blocks_of_slot_a_that_are_given_back_are_found_out(update: Update) -> None:
    found = update.write(update.laid(), [FLUSH])
    given = writes.Entry(PLACES["boot-a"][0], SECTOR, writes.DISCARD, 0, found[-1].end)
    assert halfway.faults(update.log, [*found, given], "a", update.images, update.folder)


def test_a_torn_record_is_none_and_u_boot_begins_with_a(update: Update) -> None:
    torn = B[: SECTOR // 2] + bytes(SECTOR // 2 - 1) + b"x"
    found = update.write(update.laid(), [FLUSH, (MIB, torn, 0), FLUSH])
    assert halfway.record_after(update.log, found, slots.read(B)) == {}
    assert update.wrong(found) == ({"a"}, [])


def test_the_log_is_cut_after_each_record_and_anywhere_in_the_update(update: Update) -> None:
    before = [(PLACES["data"][0], A, 0)]
    found = update.write(before, update.laid(), [FLUSH, (MIB, A, 0), FLUSH, (MIB, B, 0), FLUSH])
    chosen = halfway.places(found, 12, 3)
    assert chosen == halfway.places(found, 12, 3)
    assert len(chosen) == 12
    assert {found[6].end, found[8].end} <= set(chosen)
    assert all(found[1].end <= place <= found[8].end for place in chosen)


def test_a_log_without_an_update_is_refused(update: Update) -> None:
    for found in (update.write([(MIB, A, 0)]), update.write(update.laid()), update.write([(MIB, A, 0)], update.laid())):
        with pytest.raises(EmulatorError, match="no update was written"):
            halfway.places(found, 3, 1)


@pytest.mark.parametrize(
    ("told", "slot"),
    [
        ({}, "a"),
        ({"BOOT_ORDER": "A B", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "3"}, "a"),
        ({"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "1"}, "b"),
        ({"BOOT_ORDER": "B A", "BOOT_A_LEFT": "3", "BOOT_B_LEFT": "0"}, "a"),
        ({"BOOT_ORDER": "A", "BOOT_A_LEFT": "0", "BOOT_B_LEFT": "3"}, "a"),
        ({"BOOT_ORDER": "B A", "BOOT_A_LEFT": "0", "BOOT_B_LEFT": "0"}, "b"),
        ({"BOOT_ORDER": ""}, "a"),
    ],
)
def test_the_slot_is_that_of_the_script(told: dict[str, str], slot: str) -> None:
    """The last four: out of tries, the next one; an order of one slot alone; nobody has any, all anew; no order."""
    assert slots.taken(told) == slot
