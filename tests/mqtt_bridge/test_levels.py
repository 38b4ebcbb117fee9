"""Plans and reports written before levels were known are still read; new ones say no more than can be true."""

from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge.contract.care import CarePlan, check_plan
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.report import HeadphonesChange, LevelChange, Listening
from tests.support.words_of_care import plan, request

OLD = Path(__file__).parent / "messages/v1-2026-11-21"


def test_a_report_of_before_levels_is_read_and_knows_none() -> None:
    told = decode((OLD / "listening-before-levels.json").read_bytes(), Listening)
    assert told.gaps_total == 1
    assert (told.level_dba, told.dose_week_percent, told.calibration) == (None, None, "")
    assert encode(told) + b"\n" == (OLD / "listening-before-levels.json").read_bytes()


def test_a_plan_of_before_levels_is_read_and_its_gains_hold() -> None:
    old = decode((OLD / "plan-before-levels.json").read_bytes(), CarePlan)
    check_plan(old)
    (care,) = old.activity
    assert (care.gain_db, care.gain_max_db, care.level_dba, care.level_max_dba) == (-20.0, -9.0, 70.0, 80.0)
    assert not old.sensitive


@pytest.mark.parametrize(
    "change", [{"level_dba": 81.0}, {"level_max_dba": 81.0}, {"level_dba": 44.0}, {"gain_max_db": 1.0}]
)
def test_no_plan_can_pass_the_cap(change: dict[str, float]) -> None:
    with pytest.raises(ContractError, match="Expected `float`"):
        decode(encode(plan(structs.replace(request(), **change))), CarePlan)


def test_a_start_above_the_loudest_is_refused() -> None:
    with pytest.raises(ContractError, match=r"level_dba 75\.0 is above level_max_dba 72\.0"):
        check_plan(plan(structs.replace(request(), level_dba=75.0, level_max_dba=72.0)))


@pytest.mark.parametrize(
    "change",
    [
        {"level_dba": 1e6},
        {"dose_pa2h": -1.0},
        {"dose_week_percent": 1e300},
        {"level_changes": (LevelChange(at_frame=-1, gain_db=0.0),)},
        {"headphones_changes": (HeadphonesChange(at_frame=1, headphones="lost"),)},  # type: ignore[arg-type]
    ],
)
def test_what_no_ear_can_have_heard_is_not_read(change: dict[str, object]) -> None:
    told = decode((OLD / "listening-before-levels.json").read_bytes(), Listening)
    with pytest.raises(ContractError):
        decode(encode(structs.replace(told, **change)), Listening)
