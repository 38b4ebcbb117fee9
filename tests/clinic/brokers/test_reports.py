"""The same boxes, at both brokers, under MQTT 3.1.1: reports go up, an order comes down, a broker dies."""

import subprocess
import sys
from pathlib import Path

import pytest

from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.outbox import Outbox
from tests.clinic.box import evaluation, stamp
from tests.clinic.brokers.ward import BOX, Ward
from tests.clinic.parts import running
from tests.support.brokers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
REPORTS = 40
PLAN = PlanReference(plan="plan-martin", version=1, patient="martin")


def test_a_box_reports_is_acknowledged_gets_an_order_and_loses_nothing_when_the_broker_dies(ward: Ward) -> None:
    """kill -9 in the middle, its disk gone with it: what it had acknowledged was never taken for stored."""
    data, enrolled = ward.folder / "data", ward.enrolled(BOX)
    for folder in (data, ward.folder / "run"):
        folder.mkdir(exist_ok=True)
    before = len(ward.sessions())
    bedside = open_writer(data / "bedside.db")
    outbox, link = Outbox(bedside, "kiosk", enrolled), ward.link()
    reader, names = LinkReader(data / "link.db"), [f"{ward.broker.kind}-{n}" for n in range(REPORTS)]

    def report(few: list[str]) -> None:
        for name in few:
            with bedside.atomic():
                outbox.add(evaluation("before", (1, 2, 3, 4, 5), session=name), stamp(), PLAN)

    try:
        with running(ward.commands, "ingest") as ingest:
            ingest.line()
            link.start()
            serials = set(reader.serials("plan"))
            ward.prescribe()
            wait_until(lambda: set(reader.serials("plan")) - serials)
            report(names[: REPORTS // 2])
            wait_until(lambda: reader.truth(outbox.epoch, 1) == "in_record")
            report(names[REPORTS // 2 :])
            ward.broker.lose_everything()
            wait_until(lambda: all(reader.truth(outbox.epoch, n) == "in_record" for n in range(1, REPORTS + 1)), 100)
            assert ward.box() >= {"state": "reachable", "every_s": 900, "kiosk": False, "trusted": True}.items()
            assert "la liaison tourne, connectée au serveur depuis" in status(ward)
            link.kill()
            assert "la liaison a été tuée" in status(ward)
            assert ingest.stop() == 0
    finally:
        link.stop()
        bedside.close()
    assert len(ward.sessions()) == before + REPORTS
    assert set(names) <= set(ward.sessions())
    assert ward.set_aside() == []


def status(ward: Ward) -> str:
    """As a technician asks it, beside the link: on its files while it runs, and after a kill -9."""
    chevet_link, data, run = Path(sys.executable).parent / "chevet-link", ward.folder / "data", ward.folder / "run"
    command = [str(chevet_link), "status", "--data", str(data), "--run", str(run), "--language", "fr"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
