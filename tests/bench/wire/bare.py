"""The least that keeps every message: paho, manual acknowledgement, INSERT OR IGNORE, one transaction for many.

Run by the bench: `python -m tests.bench.wire.bare HOST PORT CA CERTIFICATE KEY TOPIC DATABASE`. It prints `ready`.
"""

import hashlib
import queue
import sqlite3
import ssl
import sys
from typing import Any

# ruff: noqa: TID251  # a peer stands beside the house, not in it
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

BATCH_MAX = 500


def main(host: str, port: str, ca: str, certificate: str, key: str, topic: str, database: str) -> None:
    arrived: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="bench-bare", clean_session=False, manual_ack=True)
    client.tls_set(ca, certificate, key, tls_version=ssl.PROTOCOL_TLS_CLIENT)

    def on_message(_client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        arrived.put(message)

    def on_connect(there: mqtt.Client, *_: Any) -> None:
        there.subscribe(topic, 1)

    client.on_message, client.on_connect = on_message, on_connect
    client.on_subscribe = lambda *_: print("ready", flush=True)
    kept = sqlite3.connect(database, isolation_level=None)
    kept.execute("PRAGMA journal_mode=WAL")
    kept.execute("PRAGMA synchronous=FULL")
    kept.execute("CREATE TABLE IF NOT EXISTS kept (digest TEXT PRIMARY KEY, topic TEXT, payload BLOB)")
    client.connect(host, int(port))
    client.loop_start()
    while True:
        some = [arrived.get()]
        while len(some) < BATCH_MAX and not arrived.empty():
            some.append(arrived.get())
        kept.execute("BEGIN IMMEDIATE")
        rows = [(hashlib.sha256(m.payload).hexdigest(), m.topic, m.payload) for m in some]
        kept.executemany("INSERT OR IGNORE INTO kept VALUES (?, ?, ?)", rows)
        kept.execute("COMMIT")
        for message in some:
            client.ack(message.mid, message.qos)


if __name__ == "__main__":
    main(*sys.argv[1:])
