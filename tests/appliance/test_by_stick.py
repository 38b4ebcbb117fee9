"""What the case of the stick stands on, without an emulator."""

from firmware_config.image.recipe.root import version
from kiosk.appliance.deciding import Bundle, Install, Refuse, Situation, next_step
from mqtt_bridge.update_told import STICK
from tests.appliance import by_stick, newer


def test_the_older_one_is_refused_as_not_newer_and_the_newer_one_written() -> None:
    """By the box's own rules: what the case waits for is what they say of these two numbers."""
    older = next_step(Situation("boot", version(), "", Bundle(STICK, version=by_stick.former()), None))
    assert isinstance(older, Refuse)
    assert older.reason == "not-newer"
    good = next_step(Situation("boot", version(), "", Bundle(STICK, version=newer.number()), None))
    assert isinstance(good, Install)
