"""Gives a broker every letter of an outbox at once, under the box's own name: what no link of ours would do.

    python -m tests.campaign.flood ENROLMENT BEDSIDE_DB

It ends when the broker has said of each that it has it.
"""

import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from mqtt_bridge import enrolment, outbox
from mqtt_bridge.contract import wire
from mqtt_bridge.database import open_reader
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Connected, Mailbox, Sent

S_MAX = 60.0
_CHANNELS: tuple[wire.Channel, ...] = ("up", "ack")
TOP = Path(__file__).parents[2]


def run(inside: Sequence[str], enrolled: Path, bedside_db: Path) -> None:
    """In a process of its own, at the box's own place in the network."""
    words = [*inside, sys.executable, "-m", "tests.campaign.flood", str(enrolled), str(bedside_db)]
    subprocess.run(words, cwd=TOP, check=False, timeout=2 * S_MAX)


def main(enrolled: str, bedside_db: str) -> int:
    reader = open_reader(Path(bedside_db))
    if reader is None:
        return 1
    with closing(reader):
        letters = [row.letter for held in outbox.kept(reader) for row in outbox.rows(reader, held.epoch, 0, 10**6)]
    mailbox, us = Mailbox(), enrolment.load(Path(enrolled))
    up, ack = (wire.topic(us.place.clinic, us.place.box, channel) for channel in _CHANNELS)
    client = PahoClient(us.address(), mailbox)
    client.start((ack,), None)
    told = 0
    while told < len(letters):
        if not select.select([mailbox], [], [], S_MAX)[0]:
            return 1
        for event in mailbox.take():
            if isinstance(event, Connected):
                for letter in letters:
                    client.publish(up, letter)
            told += isinstance(event, Sent)
    client.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
