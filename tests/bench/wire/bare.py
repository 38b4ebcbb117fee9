"""The least that keeps every message: paho, manual acknowledgement, INSERT OR IGNORE, one transaction for many.

Run by the bench: `python -m tests.bench.wire.bare HOST PORT CA CERTIFICATE KEY TOPIC DATABASE`. It prints `ready`.
Without its INSERT it is what receiving a message costs at the least.
"""

import hashlib
import queue
import sqlite3
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# ruff: noqa: TID251  # a peer stands beside the house, not in it
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from mqtt_bridge.mqtt.port import Address

BATCH_MAX = 500
RECEIVE_S_MAX, NEXT_S_MAX = 120.0, 10.0
Arrived = queue.Queue[mqtt.MQTTMessage]


def connect(address: Address, topic: str, ready: Callable[[], None]) -> tuple[mqtt.Client, Arrived]:
    """Its network thread runs. `ready` is called in it, once the subscription stands."""
    arrived: Arrived = queue.Queue()
    name = address.client_id
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, manual_ack=True)
    files = (str(address.ca), str(address.certificate), str(address.key))
    client.tls_set(*files, tls_version=ssl.PROTOCOL_TLS_CLIENT)

    def on_message(_client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        arrived.put(message)

    def on_connect(there: mqtt.Client, *_: Any) -> None:
        there.subscribe(topic, 1)

    client.on_message, client.on_connect = on_message, on_connect
    client.on_subscribe = lambda *_: ready()
    client.connect(address.host, address.port)
    client.loop_start()
    return client, arrived


def some(arrived: Arrived, s_max: float | None = None) -> list[mqtt.MQTTMessage]:
    """What is there, at least one. Raises queue.Empty: none came."""
    taken = [arrived.get(timeout=s_max)]
    while len(taken) < BATCH_MAX and not arrived.empty():
        taken.append(arrived.get())
    return taken


def settle(client: mqtt.Client, messages: list[mqtt.MQTTMessage]) -> None:
    for message in messages:
        client.ack(message.mid, message.qos)


def receive_us(address: Address, topic: str, wanted: int) -> float:
    """Take so many messages of a queue and settle them, and nothing else. Raises queue.Empty: they do not come."""
    client, arrived = connect(address, topic, lambda: None)
    try:
        messages = some(arrived, RECEIVE_S_MAX)
        began_s, taken = time.monotonic(), len(messages)
        settle(client, messages)
        while taken < wanted:
            messages = some(arrived, NEXT_S_MAX)
            settle(client, messages)
            taken += len(messages)
        return (time.monotonic() - began_s) / taken * 1e6
    finally:
        client.disconnect()
        client.loop_stop()


def main(host: str, port: str, ca: str, certificate: str, key: str, topic: str, database: str) -> None:
    address = Address(host, int(port), "bench-bare", Path(ca), Path(certificate), Path(key))
    kept = sqlite3.connect(database, isolation_level=None)
    kept.execute("PRAGMA journal_mode=WAL")
    kept.execute("PRAGMA synchronous=FULL")
    kept.execute("CREATE TABLE IF NOT EXISTS kept (digest TEXT PRIMARY KEY, topic TEXT, payload BLOB)")
    client, arrived = connect(address, topic, lambda: print("ready", flush=True))
    while True:
        messages = some(arrived)
        kept.execute("BEGIN IMMEDIATE")
        rows = [(hashlib.sha256(m.payload).hexdigest(), m.topic, m.payload) for m in messages]
        kept.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", rows)
        kept.execute("COMMIT")
        settle(client, messages)


if __name__ == "__main__":
    main(*sys.argv[1:])
