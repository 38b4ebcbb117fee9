"""`chevet-kiosk selftest` on a house that runs: it asks the player, the kiosk and the link, each a real process."""

from typing import Any

import pytest

from tests.house.conftest import OpenHouse

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
ASKED = ("player", "sound-card", "frames", "button-line", "network")


def test_what_runs_answers_and_what_was_stopped_does_not(open_house: OpenHouse) -> None:
    house = open_house()
    house.start("broker", "ingest", "player", "link", "kiosk")
    house.patient().see(lambda shown: any(one["name"].startswith("care:") for one in shown["targets"]))  # by the link

    def told() -> dict[str, dict[str, Any]]:
        return {str(one["name"]): one for one in house.selftest()}

    found = told()
    assert [name for name in ASKED if not found[name]["fine"]] == [], found
    assert "x11" in str(found["frames"]["detail"])
    assert "by mock" in str(found["button-line"]["detail"])
    house.stop("kiosk", "link")
    found = told()
    assert [name for name in ASKED if not found[name]["fine"]] == ["frames", "button-line", "network"], found
    assert all(one["remedy"] for one in found.values() if not one["fine"])
