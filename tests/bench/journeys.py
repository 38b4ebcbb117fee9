"""Whole journeys by the scripted patient: the button to the first frame, and thanks to "in your record"."""

import time

from tests.bench.care import MirrorClock, Walk
from tests.bench.figures import Figure, Peer, Spread
from tests.bench.plan import RECORD_P99_MS_MAX
from tests.support.house import House
from tests.support.paced.machine import PacedDevice

WAKE_S = 0.2
"""Between "ready" and the press: everything is asleep."""


def measure(house: House, walk: Walk, count: int, aplay_ms: Spread, player_ms: float) -> list[Figure]:
    """Starts and ends at home. Each journey listens to the short care whole."""
    clock = MirrorClock(house.box / "run" / "mirror.sock")
    try:
        presses_ms = [_journey(house, walk) for _ in range(count)]
    finally:
        clock.close()
    return [_button(Spread.of(presses_ms), aplay_ms, player_ms), _thanks(Spread.of(clock.thanks_to_record_ms))]


def _journey(house: House, walk: Walk) -> float:
    walk.to_ready()
    pressed_ms = _press(house, walk)
    walk.finish()
    walk.see_in_record()
    walk.home()
    return pressed_ms


def _press(house: House, walk: Walk) -> float:
    device = house.paced
    if device is None:
        raise RuntimeError("the bench needs the paced device")
    time.sleep(WAKE_S)
    known, before_ns = len(device.events("start")), time.monotonic_ns()
    walk.patient.press_button()
    walk.patient.see_screen("PlayingView")
    return (_started_ns(device, known) - before_ns) / 1e6


def _started_ns(device: PacedDevice, known: int) -> int:
    until_s = time.monotonic() + 10
    while len(device.events("start")) == known:
        if time.monotonic() > until_s:
            raise RuntimeError("the sound did not start")
        time.sleep(0.01)
    return device.events("start")[known].monotonic_ns


def _button(spread: Spread, aplay_ms: Spread, player_ms: float) -> Figure:
    return Figure(
        name="button_to_sound",
        title="Button to first frame, through the whole box (median)",
        value=spread.median,
        unit="ms",
        limit=aplay_ms.median,
        peers=(Peer("aplay, cold start", aplay_ms.median), Peer("the player alone", player_ms)),
        spread=spread,
        how="the datagram that moves the mock pin to the paced device's `start`; package ready, device open",
        note=f"p95 {spread.p95:.2f} ms; aplay's {aplay_ms.p95:.2f} ms",
    )


def _thanks(spread: Spread) -> Figure:
    return Figure(
        name="thanks_to_record_seen",
        title="« Merci » shown to « dans votre dossier » shown (median)",
        value=spread.median,
        unit="ms",
        limit=RECORD_P99_MS_MAX,
        under=True,
        spread=spread,
        how="whole journeys by the scripted patient; both moments read from the kiosk's mirror",
        note=f"the slowest of {spread.count}: {spread.most:.0f} ms",
    )
