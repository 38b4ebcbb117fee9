"""A plan that is unsigned, expired, for another box or from the future does not play; staff are told why."""

from pathlib import Path

import pytest
from msgspec import structs

from kiosk.shell.orders import plan_in_force
from mqtt_bridge import seal
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.link.reading import KeptOrder, LinkReader
from tests.support.wire import BOX, CLINIC, enrolled
from tests.support.words_of_care import DAY_MS, NOW_MS, ManualClock, plan


class OneOrder(LinkReader):
    """A link.db with one order in it."""

    def __init__(self, letter: bytes) -> None:
        super().__init__(Path("/nonexistent"))
        self._letter = letter

    def newest(self, kind: str) -> KeptOrder | None:
        return KeptOrder(1, kind, self._letter)


def _letter(clinic: seal.SecretKeys, keys: seal.PublicKeys, content: PlanOrder, **changes: int | str) -> bytes:
    order = Order(id="o", box=BOX, serial=1, issued_ms=NOW_MS, expires_ms=NOW_MS + DAY_MS, content=content)
    return write_order(CLINIC, encode(structs.replace(order, **changes)), BOX, keys, clinic)


def _ask(tmp_path: Path, clock: ManualClock, known_ms: int = 0, **changes: int | str) -> tuple[str, str]:
    clinic = seal.make_keys()
    enrolment = enrolled(tmp_path, clinic)
    letter = _letter(clinic, enrolment.keys.public, PlanOrder(plan=plan()), **changes)
    found = plan_in_force(OneOrder(letter), enrolment, clock(), known_ms)
    return found.problem, found.why


def test_a_signed_plan_in_its_time_plays(tmp_path: Path) -> None:
    assert _ask(tmp_path, ManualClock()) == ("", "")


def test_nothing_is_in_force_without_an_order(tmp_path: Path) -> None:
    found = plan_in_force(LinkReader(tmp_path / "none"), enrolled(tmp_path, seal.make_keys()), ManualClock()(), 0)
    assert (found.plan, found.problem) == (None, "none")


def test_another_signature_than_the_clinics(tmp_path: Path) -> None:
    enrolment = enrolled(tmp_path, seal.make_keys())
    letter = _letter(seal.make_keys(), enrolment.keys.public, PlanOrder(plan=plan()))
    found = plan_in_force(OneOrder(letter), enrolment, ManualClock()(), 0)
    assert (found.plan, found.problem) == (None, "unsigned")
    assert "signature" in found.why


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00" * 50])
def test_what_cannot_be_read_does_not_play(tmp_path: Path, damage: bytes) -> None:
    found = plan_in_force(OneOrder(damage), enrolled(tmp_path, seal.make_keys()), ManualClock()(), 0)
    assert (found.plan, found.problem) == (None, "unsigned")


def test_a_plan_for_another_box(tmp_path: Path) -> None:
    assert _ask(tmp_path, ManualClock(), box="box-2") == ("unsigned", "order o is for the box box-2")


def test_a_plan_whose_form_cannot_be_asked(tmp_path: Path) -> None:
    clinic = seal.make_keys()
    enrolment = enrolled(tmp_path, clinic)
    unaskable = structs.replace(plan(), questionnaires=())
    letter = _letter(clinic, enrolment.keys.public, PlanOrder(plan=unaskable))
    assert plan_in_force(OneOrder(letter), enrolment, ManualClock()(), 0).problem == "unsigned"


def test_expired_by_a_clock_that_may_be_believed(tmp_path: Path) -> None:
    assert _ask(tmp_path, ManualClock(wall_ms=NOW_MS + 2 * DAY_MS))[0] == "expired"


def test_a_wrong_clock_does_not_expire_a_plan(tmp_path: Path) -> None:
    assert _ask(tmp_path, ManualClock(wall_ms=NOW_MS + 2 * DAY_MS, trusted=False))[0] == ""


def test_the_clinics_last_word_on_the_time_expires_a_plan_without_a_clock(tmp_path: Path) -> None:
    assert _ask(tmp_path, ManualClock(wall_ms=0, trusted=False), NOW_MS + 2 * DAY_MS)[0] == "expired"


def test_from_the_future_by_a_clock_that_may_be_believed(tmp_path: Path) -> None:
    early = ManualClock(wall_ms=NOW_MS - 3 * DAY_MS)
    assert _ask(tmp_path, early)[0] == "future"
    assert _ask(tmp_path, ManualClock(wall_ms=0, trusted=False))[0] == ""  # a clock of 1970 knows nothing


def test_a_period_that_has_not_begun(tmp_path: Path) -> None:
    clinic = seal.make_keys()
    enrolment = enrolled(tmp_path, clinic)
    later = structs.replace(plan(), period=Period(start_ms=NOW_MS + DAY_MS, end_ms=NOW_MS + 2 * DAY_MS))
    letter = _letter(clinic, enrolment.keys.public, PlanOrder(plan=later))
    assert plan_in_force(OneOrder(letter), enrolment, ManualClock()(), 0).problem == "future"
