"""Gives a broker a thousand letters of an outbox at once, under the box's own name: what no link of ours would do.

    python -m tests.campaign.flood ENROLMENT BEDSIDE_DB NAME     those whose subjects begin with NAME

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

S_MAX, PROCESS_S_MAX = 60.0, 300.0
"""Between two words of the broker; for all of it, on a machine that is shared."""
_CHANNELS: tuple[wire.Channel, ...] = ("up", "ack")
TOP = Path(__file__).parents[2]


class FloodError(Exception):
    """The broker did not take it."""


def run(inside: Sequence[str], enrolled: Path, bedside_db: Path, name: str) -> None:
    """In a process of its own, at the box's own place in the network. Raises FloodError."""
    words = [*inside, sys.executable, "-m", "tests.campaign.flood", str(enrolled), str(bedside_db), name]
    try:
        subprocess.run(words, cwd=TOP, check=True, timeout=PROCESS_S_MAX)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise FloodError(f"the flood {name} did not come through: {error}") from error


def _letters(bedside_db: Path, name: str) -> list[bytes]:
    query = "SELECT epoch, seq FROM result WHERE substr(session, 1, ?) = ?"
    reader = open_reader(bedside_db)
    if reader is None:
        return []
    with closing(reader):
        wanted = {(str(epoch), int(seq)) for epoch, seq in reader.execute(query, (len(name), name))}
        rows = [row for held in outbox.kept(reader) for row in outbox.rows(reader, held.epoch, 0, 10**6)]
    return [row.letter for row in rows if row.key in wanted]


def main(enrolled: str, bedside_db: str, name: str) -> int:
    letters = _letters(Path(bedside_db), f"{name}.")
    if not letters:
        print(f"flood: {bedside_db} has no report {name}", file=sys.stderr)
        return 1
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
            told += isinstance(event, Sent) and event.accepted
    client.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
