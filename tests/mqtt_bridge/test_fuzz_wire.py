"""Whatever bytes come to either end: read, kept apart or left, and nobody falls.

Longer: `make fuzz-wire`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.audio.package.test_fuzz import changed, changes
from tests.mqtt_bridge.hostile_memory import BOMB
from tests.mqtt_bridge.hostile_wire import TARGETS, Grounds, grounds

QUICK = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = ("report", "hello", "state", "order", "ack", "acks", "form", "signed-letter")
"""Those that are JSON of the contract."""
DEEP = b"[" * 100_000
LARGE = b'"' + b"x" * 300_000 + b'"'
GROWTH_MIB_MAX = 32
"""A third of what one bomb would become; the most that a message may be is a quarter of a MiB."""


@pytest.fixture(scope="module")
def ground() -> Iterator[Grounds]:
    with grounds() as made:
        yield made


@pytest.mark.parametrize("target", TARGETS)
@QUICK
@given(how=changes)
def test_a_changed_example(ground: Grounds, target: str, how: list[tuple[float, str, bytes]]) -> None:
    ground.throw(target, changed(ground.examples[target], how))


@pytest.mark.parametrize("target", TARGETS)
@QUICK
@given(raw=st.binary(max_size=300))
@example(raw=DEEP)
@example(raw=DEEP + b"]" * 100_000)
@example(raw=b'{"a":' * 50_000)
@example(raw=LARGE)
@example(raw=BOMB)
@example(raw=b"\xdd\xff\xff\xff\xff")
@example(raw=b"\x99" + b"\xc6\xff\xff\xff\xff" * 9)
@example(raw=b"\xff" * 300_000)
@example(raw=b'"\xff\xfe\xed\xa0\x80"')
@example(raw=b"1" * 5_000)
@example(raw=b"-1e99999")
def test_any_bytes(ground: Grounds, target: str, raw: bytes) -> None:
    ground.throw(target, raw)


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=40),
        st.sampled_from(["\0", "../x", "a" * 500, "kiosk", "plan", "2026-02-30", "\u202e", "Patient/martin"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=6,
)


def places(found: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a document something could be put in the place of what is there."""
    if way:
        yield way
    for key, value in found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ():
        yield from places(value, (*way, key))


def put(found: Any, way: tuple[Any, ...], value: Any) -> Any:
    for key in way[:-1]:
        found = found[key]
    found[way[-1]] = value


@pytest.mark.parametrize("target", WORDS)
@QUICK
@given(share=st.floats(0, 1, exclude_max=True), value=values)
def test_a_message_with_another_value(ground: Grounds, target: str, share: float, value: Any) -> None:
    """Each field in turn: the JSON is right, the meaning is not."""
    found = json.loads(ground.examples[target])
    ways = list(places(found))
    put(found, ways[int(share * len(ways))], value)
    ground.throw(target, json.dumps(found).encode())


@pytest.mark.parametrize("target", TARGETS)
def test_the_examples_are_read(ground: Grounds, target: str) -> None:
    ground.throw(target, ground.examples[target])


def test_the_grounds_find_a_store_that_drops(ground: Grounds) -> None:
    """What is thrown must be able to show something: a clinic without a quarantine is found."""
    from tests.simulation.planted.clinic import NoQuarantine

    with pytest.raises(AssertionError, match="kept exactly once"):
        ground.throw_at(NoQuarantine, b"noise")


@pytest.mark.parametrize(("how", "bounded"), [((), True), (("careless",), False)])
def test_bombs_take_no_memory(how: tuple[str, ...], *, bounded: bool) -> None:
    """`careless` inflates one as a whole: the measurement finds it."""
    command = [sys.executable, "-m", "tests.mqtt_bridge.hostile_memory", *how]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (float(ran.stdout) <= GROWTH_MIB_MAX) == bounded, f"it grew by {float(ran.stdout):.1f} MiB"
