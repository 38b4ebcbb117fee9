"""The smallest shell that a window can have: a cone that is touched, and a block in select between. Run by tests.

It prints `ready` once drawn, then a line for each touch, and on `close` its figures as JSON.
"""

import json
import os
import select
import sys
import time
from dataclasses import replace
from pathlib import Path

STARTED = time.perf_counter()

from kiosk.journey.views import ConeView  # noqa: E402
from kiosk.screen import gallery  # noqa: E402
from kiosk.screen.port import CloseAsked, PointerDown, PointerMoved, PointerUp  # noqa: E402
from kiosk.screen.touch import Hand, Touch, feel  # noqa: E402
from kiosk.screen.window import SdlWindow  # noqa: E402


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def said(line: str) -> None:
    print(line, flush=True)


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def answered(view: ConeView, touch: Touch) -> ConeView:
    value = touch.value if touch.name == "cone" else view.value
    return replace(view, value=value, word="Douleur moyenne")


def main() -> None:
    view, hand = gallery.PAIN, Hand()
    window = SdlWindow((1280, 800))
    window.show(gallery.HOME, now_ms())
    first_draw_s = time.perf_counter() - STARTED
    window.show(view, now_ms())
    window.inputs()
    said("ready")
    wakes = 0
    while True:
        wait_ms = window.next_frame_ms(now_ms())
        limit_s = None if wait_ms is None else wait_ms / 1000
        readable, _, _ = select.select([*window.filenos(), sys.stdin], [], [], limit_s)
        wakes += 1
        if sys.stdin in readable:
            break
        for one in window.inputs():
            if isinstance(one, CloseAsked):
                return
            if isinstance(one, PointerDown | PointerMoved | PointerUp):
                hand, touch = feel(hand, one, window.targets(), now_ms())
                if touch:
                    view = answered(view, touch)
                    window.show(view, now_ms())
                    said(f"{touch.name} {touch.value}")
    for each in gallery.VIEWS.values():
        window.show(each, now_ms())
    said(json.dumps({"first_draw_s": first_draw_s, "resident_mib": resident_mib(), "wakes": wakes}))
    window.close()


main()
