"""From a finger's lift to the changed pixel, on the real kiosk."""

import time

from tests.bench.care import Walk
from tests.bench.figures import Figure, Peer, Spread
from tests.bench.peers.run import ScreenPeer
from tests.bench.plan import TAP_MS_MAX, Amount
from tests.bench.screen import changed_ms, rows_changed_ms
from tests.kiosk_screen.hands import Hands
from tests.support.display import Display
from tests.support.patient import Patient

HIGH, BETWEEN, LOW = 8, 5, 3
TREMOR_S = 0.14
"""Sooner would be a tremor, which does not count; nor does a touch within a quarter second of another screen."""
HELD_S = 0.02
SETTLE_S = 0.4


def measure(walk: Walk, display: Display, amount: Amount, peers: list[ScreenPeer]) -> list[Figure]:
    """Starts and ends at home."""
    patient = walk.patient
    walk.choose()
    patient.see_screen("ConeView")
    time.sleep(SETTLE_S)
    with Hands(display.name) as hands:
        taps_ms = [_tap_ms(patient, display, hands, turn) for turn in range(amount.taps)]
        pages_ms = [_page_ms(patient, display, hands, turn) for turn in range(amount.pages)]
    patient.touch("back")
    patient.see_screen("ChoiceView")  # who answers
    patient.touch("back")
    patient.see_screen("HomeView")
    return [_taps(Spread.of(taps_ms), peers), _pages(Spread.of(pages_ms))]


def _tap_ms(patient: Patient, display: Display, hands: Hands, turn: int) -> float:
    heights = patient._target("cone")["heights"]
    x, y = heights[(HIGH, LOW)[turn % 2]]
    hands.move(x, y)
    time.sleep(TREMOR_S)
    hands.press()
    time.sleep(HELD_S)
    between_x, between_y = heights[BETWEEN]
    took_ms = changed_ms(display, (between_x + 4, between_y), hands.release)
    patient.see(lambda shown: shown["view"]["value"] == (HIGH, LOW)[turn % 2])
    return took_ms


def _page_ms(patient: Patient, display: Display, hands: Hands, turn: int) -> float:
    """Forth and back between two questions: another screen, and a write to the disk first."""
    step = patient.shown["view"]["step"]
    x, y, w, h = patient._target(("continue", "back")[turn % 2])["rect"]
    hands.move(x + w // 2, y + h // 2)
    time.sleep(SETTLE_S)
    hands.press()
    time.sleep(HELD_S)
    rows = range(y + h + 1, display_height(display)) if y < display_height(display) // 2 else range(y - 1)
    took_ms = rows_changed_ms(display, rows, hands.release)
    patient.see(lambda shown: shown["view"]["step"] != step)
    return took_ms


def display_height(display: Display) -> int:
    return (len(display.memory) - display.first_pixel) // display.bytes_per_line


def _taps(spread: Spread, peers: list[ScreenPeer]) -> Figure:
    return Figure(
        name="touch_to_pixel",
        title="Touch on the cone to the changed pixel (median)",
        value=spread.median,
        unit="ms",
        limit=TAP_MS_MAX,
        peers=tuple(Peer(peer.name, peer.tap_ms.median) for peer in peers),
        spread=spread,
        how="XTest release to another colour in the X server's memory, software rendering; five slices of the cone "
        "fill or empty, number and word change",
        note=f"p95 {spread.p95:.2f} ms" + "".join(f"; {peer.name}'s {peer.tap_ms.p95:.2f} ms" for peer in peers),
    )


def _pages(spread: Spread) -> Figure:
    return Figure(
        name="page_to_pixel",
        title="Touch on « continuer » to the next question (median)",
        value=spread.median,
        unit="ms",
        spread=spread,
        how="the same, for a whole other screen; the answer is on the disk before the next question is drawn",
        note=f"p95 {spread.p95:.2f} ms",
    )
