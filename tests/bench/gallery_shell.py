"""The real window with any screen of the gallery, told by its input: `NAME`, or `use`. The bench runs it.

Between two lines it blocks in select, as the kiosk does.
"""

import json
import select
import sys
import time

from kiosk.journey.views import Frame
from kiosk.screen import gallery
from kiosk.screen.port import PointerDown, PointerMoved, PointerUp
from kiosk.screen.touch import Hand, feel
from kiosk.screen.window import SdlWindow


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def said(told: object) -> None:
    print(json.dumps(told), flush=True)


def main() -> None:
    window, hand = SdlWindow((1280, 800)), Hand()
    said("ready")
    while True:
        ready, _, _ = select.select([*window.filenos(), sys.stdin], [], [])
        for one in window.inputs():
            if isinstance(one, PointerDown | PointerMoved | PointerUp):
                hand, _ = feel(hand, one, window.targets(), now_ms())
                window.press(hand.pressed)
        if sys.stdin not in ready:
            continue
        line = sys.stdin.readline().strip()
        if not line:
            return
        if line == "use":
            said(time.process_time())
            continue
        window.show(gallery.VIEWS[line], now_ms(), Frame(listen="Écouter", still=True))
        window.inputs()
        said([[target.name, *target.rect] for target in window.targets() if target.slope is None])


main()
