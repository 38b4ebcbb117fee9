"""Whatever bytes come: read, or refused with a sentence; nothing half installed. Longer: tests.audio.fuzz_package."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audio.package.hostile import TARGETS, Grounds, grounds

QUICK = settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def ground() -> Iterator[Grounds]:
    with grounds() as made:
        yield made


changes = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),  # where, as a share of the whole
        st.sampled_from(["set", "insert", "cut", "repeat"]),
        st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"PK\5\6"])),
    ),
    min_size=1,
    max_size=6,
)


def changed(raw: bytes, how: list[tuple[float, str, bytes]]) -> bytes:
    data = bytearray(raw)
    for share, what, piece in how:
        at = int(share * len(data))
        match what:
            case "set":
                data[at : at + len(piece)] = piece
            case "insert":
                data[at:at] = piece
            case "cut":
                del data[at : at + 40 * len(piece)]
            case "repeat":
                data[at:at] = data[at : at + 40 * len(piece)]
    return bytes(data)


@pytest.mark.parametrize("target", TARGETS)
@QUICK
@given(how=changes)
def test_a_changed_example(ground: Grounds, target: str, how: list[tuple[float, str, bytes]]) -> None:
    ground.throw(target, changed(ground.examples[target], how))


@pytest.mark.parametrize("target", TARGETS)
@QUICK
@given(raw=st.binary(max_size=400))
def test_any_bytes(ground: Grounds, target: str, raw: bytes) -> None:
    ground.throw(target, raw)


values = st.recursive(
    st.one_of(
        st.integers(-(2**70), 2**70).map(str),
        st.floats().map(lambda number: repr(number).replace("e", "e+").replace("e+-", "e-")),
        st.sampled_from(
            ["true", "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", '"riviere"', '"../x"', '"\\u001b"', '""']
        ),
    ),
    lambda inner: st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]"),
    max_leaves=4,
)


@QUICK
@given(field=st.integers(0, 60), value=values)
def test_a_manifest_with_another_value(ground: Grounds, field: int, value: str) -> None:
    """Each field in turn with a value of any type: TOML is right, the meaning is not."""
    lines = ground.examples["manifest"].decode().splitlines()
    at = field % len(lines)
    name, equals, _ = lines[at].partition(" = ")
    if equals:
        lines[at] = f"{name} = {value}"
    ground.throw("manifest", "\n".join(lines).encode())


def test_the_examples_are_read(ground: Grounds) -> None:
    for target in TARGETS:
        ground._throw[target](ground.examples[target])
