"""RabbitMQ as the broker of a campaign: its files as `chevet-clinic broker` writes them, a small queue, little room."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from mqtt_bridge import rabbitmq
from tests.campaign.furnish import CLINIC
from tests.support.brokers import RABBITMQ, READY, of_its_own
from tests.support.ports import free_port

QUEUED_MAX = 1000
"""The broker's queue for one client, as Debian's mosquitto has it; beyond, it drops in silence."""
RABBITMQ_READY = READY["rabbitmq"]


def settle_rabbitmq(home: Path, host: str, port: int, boxes: Sequence[str]) -> None:
    """Write its files. It stops senders when little room is left: on a small disk that is less than on a machine's."""
    made = rabbitmq.write_rabbitmq(home / "broker", CLINIC, host, port, boxes)
    conf = made / "rabbitmq.conf"
    conf.write_text(
        re.sub(r"^disk_free_limit.*$", "disk_free_limit.absolute = 8MB", conf.read_text(), flags=re.MULTILINE)
    )
    definitions = json.loads((made / "definitions.json").read_text())
    for policy in definitions["policies"]:
        policy["definition"]["max-length"] = QUEUED_MAX
    (made / "definitions.json").write_text(json.dumps(definitions))


def rabbitmq_command() -> list[str]:
    if not RABBITMQ.exists():
        raise OSError("no RabbitMQ here: apt-get install rabbitmq-server")
    return [str(RABBITMQ)]


def rabbitmq_environment(home: Path) -> dict[str, str]:
    """Its own node and ports for tools: two houses may stand beside each other."""
    return rabbitmq.environment(home / "broker" / "rabbitmq", of_its_own(free_port(), free_port()))
