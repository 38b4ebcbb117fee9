"""Where a lesson is read."""

from dataclasses import dataclass

from kiosk.journey.places import Elsewhere
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.teaching import Education


@dataclass(frozen=True)
class LessonList(Elsewhere):
    page: int = 0


@dataclass(frozen=True)
class LessonOpen(Elsewhere):
    """pages_read: the furthest page that was shown, counted from 1."""

    lesson: Education
    plan: PlanReference
    opened: Stamp
    page: int = 0
    pages_read: int = 1
