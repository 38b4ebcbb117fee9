"""When what waits is passed on, and to whom: pure, and settable."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.escalation import MINUTE_MS, REFERENT, Rules, escalate

RULES = Rules()
EVERYBODY = frozenset({"nurse", "coordinating-nurse", "physician"})


def at(
    minutes: float, kind: str = "help", present: frozenset[str] = EVERYBODY, due_ms: int | None = None
) -> tuple[str, str]:
    found = escalate(RULES, kind, 0, int(minutes * MINUTE_MS), present, due_ms)
    return found.to, found.then


def test_help_is_passed_on_to_one_role_after_the_other() -> None:
    assert at(0) == ("", "coordinating-nurse")
    assert at(9.99) == ("", "coordinating-nurse")
    assert at(10) == ("coordinating-nurse", "physician")
    assert at(30) == ("physician", "")
    assert at(9_999) == ("physician", "")


def test_a_role_that_nobody_has_is_left_out_and_the_referent_is_the_last() -> None:
    assert at(10, present=frozenset({"nurse", "physician"})) == ("physician", REFERENT)
    assert at(10, present=frozenset()) == (REFERENT, "")


def test_a_task_is_late_at_its_own_time() -> None:
    found = escalate(RULES, "task", 0, 5 * MINUTE_MS, EVERYBODY, due_ms=5 * MINUTE_MS)
    assert (found.deadline_ms, found.late, found.to) == (5 * MINUTE_MS, True, "")
    assert at(65, "task", due_ms=5 * MINUTE_MS) == ("coordinating-nurse", "physician")


def test_whoever_takes_it_has_the_time_again() -> None:
    taken_ms = 9 * MINUTE_MS
    assert escalate(RULES, "help", taken_ms, 12 * MINUTE_MS, EVERYBODY).to == ""
    assert escalate(RULES, "help", taken_ms, 19 * MINUTE_MS, EVERYBODY).to == "coordinating-nurse"


def test_a_kind_of_another_app_has_a_rule_too() -> None:
    assert RULES.steps("never-heard-of") == RULES.other
    assert RULES.steps("strong-pain") == RULES.strong_pain
    assert RULES.steps("ladder") == RULES.other


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sets(st.sampled_from(sorted(EVERYBODY))),
    st.sampled_from(["help", "comment", "task"]),
)
def test_time_only_ever_passes_it_on(first: int, more: int, present: set[str], kind: str) -> None:
    early = escalate(RULES, kind, 0, first * 1000, frozenset(present))
    late = escalate(RULES, kind, 0, (first + more) * 1000, frozenset(present))
    assert late.step >= early.step
    assert late.late or not early.late
    assert bool(late.to) == (late.step > 0)
    assert early.then_ms is None or early.then_ms > first * 1000


@pytest.mark.parametrize(
    "wrong", [{"help": []}, {"help": [30, 10]}, {"help": [10, 10]}, {"help": [0]}, {"ladder": ["king"]}, {"soon": [1]}]
)
def test_a_wrong_rule_is_told(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Rules)


def test_a_clinic_sets_its_own() -> None:
    own = msgspec.convert({"help": [5], "ladder": ["physician"]}, Rules)
    assert escalate(own, "help", 0, 5 * MINUTE_MS, EVERYBODY).to == "physician"
