"""Which change is better, and which one matters to a person. In points of a scale from 0 to 10.

Sources: Farrar et al., Pain 94 (2001): 149-158: in chronic pain a fall of about 2 points, or of 30 %, is « much
improved » in the person's own words. Hui et al., Cancer 121 (2015): 3027-3035: for the symptoms of the Edmonton scale
(ESAS) a change of 1 point. Both speak of groups; for one person they are marks to look at, not a verdict.
"""

from mqtt_bridge.contract.forms import Ramp

PAIN = "douleur"
PAIN_POINTS, PAIN_SHARE = 2, 0.30
OTHER_POINTS = 1


def gained(change: float, ramp: Ramp) -> float:
    """The change turned so that more is better: a fall of what is hard, a rise of what is pleasant."""
    return change if ramp == "pleasant" else -change


def points_that_matter(item: str) -> int:
    return PAIN_POINTS if item == PAIN else OTHER_POINTS


def can_gain(before: int, ramp: Ramp) -> bool:
    """Whether there was anything to relieve: from no pain at all nothing can get better."""
    return before < 10 if ramp == "pleasant" else before > 0


def matters(item: str, ramp: Ramp, before: int, after: int) -> bool:
    """Whether the better that was seen is one that matters."""
    better = gained(after - before, ramp)
    if item == PAIN:
        return better >= PAIN_POINTS or (before > 0 and better >= PAIN_SHARE * before)
    return better >= OTHER_POINTS


def worsened(item: str, ramp: Ramp, before: int, after: int) -> bool:
    """The same size of change, the other way."""
    return -gained(after - before, ramp) >= points_that_matter(item)
