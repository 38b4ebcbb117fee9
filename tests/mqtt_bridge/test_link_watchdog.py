"""systemd hears from the link's loop as long as it turns, and no longer."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.loop import Link
from mqtt_bridge.mqtt.fake import FakeClient
from mqtt_bridge.mqtt.port import Mailbox
from tests.support.wire import Wire


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where systemd listens."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    listening.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "400000")
    yield listening
    listening.close()


def heard(unit: socket.socket) -> list[bytes]:
    found = []
    try:
        while True:
            found.append(unit.recv(100))
    except BlockingIOError:
        return found


def test_each_turn_is_told_and_no_turn_waits_longer_than_half_the_watchdog(tmp_path: Path, unit: socket.socket) -> None:
    wire = Wire(tmp_path)
    wire.link_client.stop()
    mailbox = Mailbox()
    folders = Folders(data=tmp_path, run=tmp_path, enrolment=tmp_path / "enrolment")
    link = Link(
        LinkEnd(wire.enrolment, wire.link_store), FakeClient(wire.broker, mailbox), mailbox, folders, wire.clock
    )
    assert heard(unit) == []
    link.start(wire.enrolment.place)
    assert heard(unit) == [b"READY=1"]
    wake = os.eventfd(0, os.EFD_NONBLOCK)
    for _ in range(4):  # nothing wakes it but its own time, and at first the clinic's answers
        link.step(wake)
        assert set(heard(unit)) == {b"WATCHDOG=1"}  # after each message too: many orders on a slow card are work
    assert heard(unit) == []  # a loop that stands still says nothing
    link.stop()
    os.close(wake)
    wire.close()
