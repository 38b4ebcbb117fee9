"""Two real ingest processes on PostgreSQL share the boxes; when one is killed or hangs, the other takes its share over.

No box here sends anything twice: what is kept after an accident was kept from what the other process had aside.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.bench.wire.rig import rig
from tests.clinic.postgresql import cluster_of_its_own
from tests.clinic.ward import BOXES, Bedside, Ward, create, environment_of, made

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
HOLD_THE_LOCK = """
import os, signal
import django
django.setup()
from django.db import transaction
from django.db.backends.signals import connection_created
from clinic.ingest.peers import hold_nobody_up
from clinic.ingest.store import DjangoStore
from mqtt_bridge.clinic_end import Message, Read
connection_created.connect(hold_nobody_up)
with transaction.atomic():
    store = DjangoStore()
    store.take_turns([Read(Message("", b""), "", None)])
    store.next_acks(1)
    print("held", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
"""
"""A process that hangs in the middle of a transaction, with every lock that a batch may take."""


TRIES_MAX = 5


@pytest.fixture(scope="module")
def ward() -> Iterator[Ward]:
    with cluster_of_its_own() as cluster:
        if cluster is None:
            pytest.skip("no PostgreSQL server here: apt-get install postgresql")
        url = create(cluster, "ward")
        with rig("--database", url) as one:
            yield made(one, url)


def send(boxes: list[Bedside], each: int) -> None:
    for _ in range(each):
        for box in boxes:
            box.report()


def conflicts(ward: Ward) -> list[str]:
    return [topic for kind, topic, _ in ward.quarantine() if kind == "conflict"]


def test_none_verifies_what_another_keeps(ward: Ward) -> None:
    """What cannot be read is counted by each that tries to: both have passed it once the later reports are kept."""
    for _ in range(TRIES_MAX):
        with ward.boxes() as boxes, ward.ingests() as both:
            topics = {box.box.up for box in boxes}
            before = sum(times for _, topic, times in ward.quarantine() if topic in topics)
            seen = [one.views() for one in both]
            for box in boxes:
                box.say(f"nonsense of {box.box.epoch}".encode())
            send(boxes, 5)
            ward.until_kept(boxes)
            after = sum(times for _, topic, times in ward.quarantine() if topic in topics)
            if [one.views() for one in both] == seen:  # on a machine that stood still one may have been taken for dead
                break
    assert after - before == BOXES


def test_whoever_dies_or_hangs_the_other_keeps_its_share(ward: Ward) -> None:
    with ward.boxes() as boxes, ward.ingests() as (first, second):
        send(boxes, 10)
        first.kill()
        send(boxes, 10)  # it is dead, and still counts as living
        ward.until_kept(boxes)
        first.start()
        ward.until_both_know(first, second)
        send(boxes, 10)
        second.signal(signal.SIGSTOP)
        send(boxes, 10)
        ward.until_kept(boxes)
        second.signal(signal.SIGCONT)  # it goes on with what it had, and with what the broker kept for it
        ward.until_both_know(first, second)
        send(boxes, 10)
        ward.until_kept(boxes)
        for box in boxes:
            box.ask()
        assert (first.stop(), second.stop()) == (0, 0)
        assert ward.leases() == set(), "who is asked to end says so"
    assert conflicts(ward) == []


def test_who_hangs_with_the_locks_holds_the_others_up_for_a_bounded_time(ward: Ward) -> None:
    with ward.boxes() as boxes:
        command = [sys.executable, "-c", HOLD_THE_LOCK]
        hung = subprocess.Popen(command, env=environment_of(ward.rig), stdout=subprocess.PIPE, text=True)
        with hung:
            try:
                assert hung.stdout is not None
                assert hung.stdout.readline() == "held\n"
                with ward.ingests():
                    send(boxes, 3)
                    ward.until_kept(boxes)
            finally:
                os.kill(hung.pid, signal.SIGKILL)
    assert conflicts(ward) == []
