"""A contact bounces, a hand trembles, a button is held: one press is one press."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.button.debounce import BOUNCE_MS, HELD_MS, Contact, Push, due_ms, feel, settle
from kiosk.button.port import Edge


def pushes(*edges: tuple[int, bool], until_ms: int = 0) -> list[Push]:
    """What these edges mean; between them time passes as the shell lets it pass."""
    contact = Contact()
    found: list[Push] = []
    for at_ms, down in edges:
        contact = _settled(contact, at_ms, found)
        contact, felt = feel(contact, Edge(down, at_ms))
        found += felt
    _settled(contact, until_ms, found)
    return found


def _settled(contact: Contact, now_ms: int, found: list[Push]) -> Contact:
    while (due := due_ms(contact)) is not None and due <= now_ms:
        contact, push = settle(contact, due)
        found += [push] if push else []
    return contact


def test_a_press_counts_at_its_first_edge() -> None:
    assert pushes((0, True)) == [Push.PRESSED]


def test_a_bouncing_contact_is_one_press() -> None:
    assert pushes(
        (0, True), (3, False), (5, True), (9, False), (11, True), (200, False), (203, True), (205, False)
    ) == [Push.PRESSED]


def test_two_presses_are_two() -> None:
    assert pushes((0, True), (100, False), (300, True), (400, False)) == [Push.PRESSED, Push.PRESSED]


def test_a_long_press_is_held_once() -> None:
    assert pushes((0, True), until_ms=10 * HELD_MS) == [Push.PRESSED, Push.HELD]


def test_a_long_press_that_is_read_late_is_held_all_the_same() -> None:
    contact, first = feel(Contact(), Edge(down=True, at_ms=1_000))
    _, second = feel(contact, Edge(down=False, at_ms=1_000 + 2 * HELD_MS))
    assert (*first, *second) == (Push.PRESSED, Push.HELD)


def test_a_release_is_never_held() -> None:
    assert pushes((0, True), (100, False), until_ms=10 * HELD_MS) == [Push.PRESSED]


@given(st.lists(st.tuples(st.integers(1, 3000), st.booleans()), max_size=60))
@settings(max_examples=300, derandomize=True)
def test_presses_are_never_closer_than_a_bounce(steps: list[tuple[int, bool]]) -> None:
    at_ms, edges = 0, []
    for wait_ms, down in steps:
        at_ms += wait_ms
        edges.append((at_ms, down))
    found = pushes(*edges, until_ms=at_ms + 10_000)
    presses = [at for at, down in edges if down]
    assert found.count(Push.PRESSED) <= len(presses)
    assert found.count(Push.HELD) <= found.count(Push.PRESSED)
    assert (Push.PRESSED in found) == bool(presses)
    assert BOUNCE_MS < HELD_MS
