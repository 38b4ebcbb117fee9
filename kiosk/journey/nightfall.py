"""When the screens wear the colours of the night: after a sleep care, and by the clock where it can be trusted."""

from datetime import time

from kiosk.journey.framing import local_time
from kiosk.journey.places.stopped import StoppedCare
from kiosk.journey.state import Asking, Journey, Resting, Thanking
from mqtt_bridge.contract.stamp import Stamp

EVENING, MORNING = time(21, 30), time(6, 30)
"""Where the box stands. An uncertain clock makes no night: a screen too bright at three, not too dark at noon."""


def is_night(journey: Journey, at: Stamp) -> bool:
    """Whoever falls asleep, or was woken by the box, meets no bright screen."""
    if _after_sleep_care(journey):
        return True
    here = local_time(journey.plan, at)
    return here is not None and not MORNING <= here.time() < EVENING


def _after_sleep_care(journey: Journey) -> bool:
    match journey.place:
        case Asking(session, "after") | Resting(Asking(session)) | Thanking(session) | StoppedCare(session):
            return session.request.kind == "sleep"
        case _:
            return False
