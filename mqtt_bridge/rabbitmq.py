"""RabbitMQ's files for one clinic (its MQTT plugin, from Debian's 3.10.8 on, which speaks MQTT 3.1.1).

The same boxes, the same five topics, the same certificates as with mosquitto. What is other here: each box is a user
(the plugin looks the certificate's common name up), so its files are written again when a box comes or goes; and a
topic's slashes travel as dots, so that a name with a dot would be two: such names are refused.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from mqtt_bridge.broker import KEPT_OF_A_SESSION, MESSAGE_BYTES_MAX, QUEUED_BYTES_MAX, QUEUED_MAX
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.wire import INGEST, ROOT

VHOST = "chevet"
PROGRAMS = "/usr/lib/rabbitmq/bin"
"""RabbitMQ's own programs: those on the PATH change to Debian's account for it."""
CONNECTIONS_OF_A_BOX = 2
"""Its own, and one that the broker has not yet given up after a lost network."""
SPARE_CONNECTIONS = 32
"""Ingest processes, and those that come and go."""
DAY_MS = 24 * 3600_000
KEEP_NO_FREED_MEMORY = "+MMmcs 0"
"""RabbitMQ 3.10 copies a packet at each of its pieces, and Erlang keeps what was freed for the next copy. One packet of
256 MiB, the largest that MQTT knows, took 9 GB, until the watermark stopped all senders; without that cache 2 GB, for
as long as it is read."""


def write_rabbitmq(folder: Path, clinic: str, host: str, port: int, boxes: Iterable[str]) -> Path:
    """Write rabbitmq.conf, enabled_plugins and definitions.json into `folder`/rabbitmq; that folder.

    `folder` holds ca.pem, broker.crt and broker.key. Raises ContractError: a name with a dot.
    """
    names = sorted(boxes)
    for name in (clinic, *names):
        check_name(name)
    made = folder / "rabbitmq"
    for part in (made, made / "data", made / "log"):
        part.mkdir(mode=0o750, exist_ok=True)
    (made / "enabled_plugins").write_text("[rabbitmq_mqtt].\n")
    (made / "definitions.json").write_text(json.dumps(definitions(clinic, names), indent=1) + "\n")
    (made / "rabbitmq.conf").write_text(_configuration(folder, made, host, port))
    return made


def check_name(name: str) -> None:
    """Raises ContractError where RabbitMQ would make two levels of a topic out of one."""
    if "." in name:
        raise ContractError(
            f"{name!r} has a dot, and RabbitMQ carries the slashes of a topic as dots: give another name (enrol the "
            f'box again without the dot), or use mosquitto (kind = "mosquitto" under [broker] in clinic.toml)'
        )


def environment(made: Path, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For rabbitmq-server and rabbitmqctl: everything of this broker in its own folder. What is `given` wins.

    The node is reached on this machine alone: its name, its ports for tools (epmd, distribution) are on loopback.
    """
    ours = {
        "HOME": str(made),  # its cookie: who reads it commands the broker
        "RABBITMQ_NODENAME": "chevet@localhost",
        "RABBITMQ_CONFIG_FILE": str(made / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(made / "rabbitmq-env.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(made / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(made / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(made / "data"),
        "RABBITMQ_LOG_BASE": str(made / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-kernel inet_dist_use_interface {{127,0,0,1}} {KEEP_NO_FREED_MEMORY}",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_CRASH_DUMP_SECONDS": "0",  # none: it would be all of its memory, keys too, in a file wherever it was begun
    }
    kept = {name: value for name, value in given.items() if name.startswith(("RABBITMQ_", "ERL_"))}
    return {**given, **ours, **kept}


class BrokerAwayError(OSError):
    """RabbitMQ's own command could not be carried out: the message says what it said."""


def control(made: Path, *words: str) -> str:
    """Run rabbitmqctl on the broker of this folder; its output. Raises BrokerAwayError."""
    program = shutil.which("rabbitmqctl", path=f"{PROGRAMS}:{os.environ.get('PATH', '')}")
    if program is None:
        raise BrokerAwayError("no rabbitmqctl on this machine: apt-get install rabbitmq-server")
    ran = subprocess.run([program, *words], env=environment(made), capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        told = (ran.stderr or ran.stdout).strip().splitlines()
        raise BrokerAwayError(f"rabbitmqctl {words[0]}: {told[-1] if told else ran.returncode}; is the broker running?")
    return ran.stdout


def known(made: Path) -> set[str]:
    """Who may come in now. Raises BrokerAwayError."""
    return {one["user"] for one in json.loads(control(made, "list_users", "--silent", "--formatter", "json"))}


def refuse(made: Path, name: str) -> None:
    """Refuse a name from now on, and cut it off where it is connected. Raises BrokerAwayError."""
    if name in known(made):
        control(made, "delete_user", name)
    control(made, "close_all_user_connections", name, "revoked by the clinic")


def let_in(made: Path, boxes: Iterable[str]) -> list[str]:
    """Take in these boxes as definitions.json has them, refuse and cut off everybody else; those who were refused.

    Raises BrokerAwayError: it does not run here, and goes on letting in whom it knows.
    """
    control(made, "import_definitions", str(made / "definitions.json"))
    gone = sorted(known(made) - {*boxes, INGEST})
    for name in gone:
        refuse(made, name)
    return gone


def definitions(clinic: str, boxes: list[str]) -> dict[str, object]:
    """Who may do what, as RabbitMQ imports it. A user without a password comes in by its certificate alone."""
    names = [*boxes, INGEST]
    return {
        "vhosts": [{"name": VHOST}],
        "users": [_user(name, CONNECTIONS_OF_A_BOX) for name in boxes] + [_user(INGEST, SPARE_CONNECTIONS)],
        "permissions": [_permission(name, _client_of(clinic, name)) for name in names],
        "topic_permissions": [*(_box_topics(clinic, box) for box in boxes), _ingest_topics(clinic)],
        "policies": [_queues()],
        "parameters": [_limits(len(boxes))],
    }


def _user(name: str, connections: int) -> dict[str, object]:
    return {
        "name": name,
        "password_hash": "",
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
        "limits": {"max-connections": connections},
    }


def _client_of(clinic: str, name: str) -> str:
    """The client ids that this name uses (mqtt_bridge.enrolment, clinic.ingest.place), as a pattern."""
    return rf"chevet-{re.escape(clinic)}-{re.escape(name)}" + (r"-.*" if name == INGEST else "")


def _permission(name: str, client: str) -> dict[str, object]:
    """Its own queues, and the exchange of topics; nobody else's queue can be read, filled or removed."""
    queues = rf"mqtt-subscription-{client}qos[01]"
    return {
        "user": name,
        "vhost": VHOST,
        "configure": f"^{queues}$",
        "write": rf"^(amq\.topic|{queues})$",
        "read": rf"^(amq\.topic|{queues})$",
    }


def _box_topics(clinic: str, box: str) -> dict[str, object]:
    own = rf"{_key(ROOT)}\.{re.escape(clinic)}\.{re.escape(box)}"
    return _topics(box, write=rf"^{own}\.(up|urgent|state)$", read=rf"^{own}\.(down|ack)$")


def _ingest_topics(clinic: str) -> dict[str, object]:
    every = rf"{_key(ROOT)}\.{re.escape(clinic)}\.[^.]+"
    probe = rf"{_key(ROOT)}\.{re.escape(clinic)}\.{INGEST}\.urgent\.[^.]+"
    read = rf"^({every}\.(up|urgent|state)|{probe})$"
    return _topics(INGEST, write=rf"^({every}\.(down|ack)|{probe})$", read=read)


def _topics(name: str, *, write: str, read: str) -> dict[str, object]:
    return {"user": name, "vhost": VHOST, "exchange": "amq.topic", "write": write, "read": read}


def _key(topic: str) -> str:
    """A topic as a pattern of the routing key that it becomes."""
    return re.escape(topic.replace("/", "."))


def _queues() -> dict[str, object]:
    """What waits for one that is away: the oldest goes first, since a box asks for all of it at its next hello."""
    limits = {"max-length": QUEUED_MAX, "max-length-bytes": QUEUED_BYTES_MAX, "overflow": "drop-head"}
    return {
        "vhost": VHOST,
        "name": "waiting",
        "pattern": "^mqtt-subscription-",
        "apply-to": "queues",
        "priority": 0,
        "definition": limits,
    }


def _limits(boxes: int) -> dict[str, object]:
    """Sessions in all: two connections and two queues for each box, and ingest's. A thief cannot fill the broker."""
    most = boxes * CONNECTIONS_OF_A_BOX + SPARE_CONNECTIONS
    return {
        "vhost": VHOST,
        "component": "vhost-limits",
        "name": "limits",
        "value": {"max-connections": most, "max-queues": most},
    }


def _configuration(folder: Path, made: Path, host: str, port: int) -> str:
    return f"""# Written by `chevet-clinic broker --kind rabbitmq`: RabbitMQ from 3.10.8 on, its MQTT plugin alone.
# No door but MQTT over TLS: no AMQP, no management, no user with a password.
listeners.tcp = none
mqtt.listeners.tcp = none
mqtt.listeners.ssl.1 = {host}:{port}

ssl_options.cacertfile = {folder / "ca.pem"}
ssl_options.certfile = {folder / "broker.crt"}
ssl_options.keyfile = {folder / "broker.key"}
ssl_options.versions.1 = tlsv1.3
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
# Who a certificate's common name says, and nobody without one.
ssl_cert_login_from = common_name
mqtt.ssl_cert_login = true
mqtt.allow_anonymous = false
mqtt.vhost = {VHOST}
mqtt.exchange = amq.topic
auth_backends.1 = internal
load_definitions = {made / "definitions.json"}

# A letter has {MESSAGE_BYTES_MAX} bytes at most with what is around it: more is no letter of ours.
max_message_size = {MESSAGE_BYTES_MAX}
# As many as ingest keeps in one transaction; a box is sent a few orders at a time.
mqtt.prefetch = 500
# A box that is away longer asks for everything at its hello; one that was given up leaves no queue behind.
mqtt.subscription_ttl = {KEPT_OF_A_SESSION * DAY_MS}
# A small answer must not wait for the acknowledgement of the one before (Nagle).
mqtt.tcp_listen_options.nodelay = true
# So many may knock at once when the broker comes back: a thousand boxes do.
mqtt.tcp_listen_options.backlog = 1024
# Beyond a third of the machine's memory, or with less room on the disk, senders wait: their reports stay with them.
vm_memory_high_watermark.relative = 0.33
disk_free_limit.absolute = 256MB

log.console = true
log.console.level = info
log.file = false
"""
