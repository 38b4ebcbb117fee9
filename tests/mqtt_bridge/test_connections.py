"""The connections of paho's door, one after another: what each leaves, and what is said while one is being made."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Connected, Disconnected, Mailbox
from tests.mqtt_bridge.test_closing_the_door import open_files
from tests.mqtt_bridge.test_real_broker import BOX, DOWN, WAIT_S_MAX, Broker, Party


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    found = Broker(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_a_connection_that_has_ended_leaves_nothing_to_the_collector(broker: Broker) -> None:
    """paho would leave the pair of sockets that wakes its thread."""
    box = Party(broker, BOX, DOWN)
    box.hear(Connected)
    before = len(open_files())
    for _ in range(3):
        box.client.reconnect()
        box.hear(Disconnected)
        box.hear(Connected)
    assert len(open_files()) <= before
    box.client.stop()


def test_to_connect_anew_is_not_forgotten_while_a_connection_is_being_made(broker: Broker) -> None:
    """Else a box would go on with the pair that its new one was to replace."""
    started, times, again = threading.Event(), list[None](), threading.Event()

    def address() -> Address:
        """Asked as the client is made, then for each connection; the first of those is not to be."""
        if started.is_set():
            times.append(None)
            again.set() if len(times) > 1 else client.reconnect()
        return broker.address(BOX)

    client = PahoClient(address, Mailbox())
    started.set()
    client.start((DOWN,), None)
    try:
        assert again.wait(WAIT_S_MAX)
    finally:
        client.stop()
