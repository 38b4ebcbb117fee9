"""mosquitto's configuration for one clinic: mutual TLS, a box may use its own five topics only.

Nothing in the protocol relies on what the broker keeps: see traps in ARCHITECTURE.md, "The wire".
"""

import os
import pwd
import signal
from collections.abc import Sequence
from pathlib import Path

from mqtt_bridge.contract.codec import BYTES_MAX
from mqtt_bridge.contract.wire import ROOT, probe_topic

MESSAGE_BYTES_MAX = BYTES_MAX + 8 * 1024
"""A letter, its topic and its header. A larger packet is refused when its length has been read, not its bytes."""
QUEUED_MAX, QUEUED_BYTES_MAX = 10_000, 32 * 1024 * 1024
"""Waiting for one client that is away. An hour of all boxes' reports for ingest; a box asks for what was dropped."""
KEPT_OF_A_SESSION = 1
"""Days: of one that is away longer nothing is kept, it asks for everything at its hello."""
CONNECTIONS_MAX = 4_000
"""Boxes of a large clinic twice over: a lost network's connections are still there when the new ones come."""
KEEPALIVE_S_MAX = 120
"""Ours is 30 s. One who asks for hours would be « alive » for hours after its network is gone."""
MEMORY_BYTES_MAX = 512 * 1024 * 1024
"""Of all queues and sessions together: the broker refuses rather than take the machine's database with it."""
REVOKED = "revoked.pem"
"""The list of certificates that open nothing any more; without it none is asked for."""
_CLOSED = "closed"
"""The names of the boxes to which the door is closed, one a line."""
_PID = "mosquitto.pid"


def write_mosquitto(folder: Path, clinic: str, host: str, port: int) -> Path:
    """Write mosquitto.conf and acl into `folder`, which holds ca.pem, broker.crt and broker.key; the file's path."""
    closed = folder / _CLOSED
    acl = write_access(folder, clinic, closed.read_text().split() if closed.exists() else ())
    data = folder / "data"
    data.mkdir(exist_ok=True)
    configuration = folder / "mosquitto.conf"
    configuration.write_text(_configuration(folder, data, acl, host, port))
    return configuration


def write_access(folder: Path, clinic: str, closed: Sequence[str]) -> Path:
    """Write who may use which topics, and who may use none any more; the file's path. Take effect by `reload`."""
    acl = folder / "acl"
    for path, text in ((folder / _CLOSED, "".join(f"{box}\n" for box in closed)), (acl, access_list(clinic, closed))):
        fresh = path.with_name(f"{path.name}.fresh")
        fresh.write_text(text)
        fresh.chmod(0o600)
        if os.geteuid() == 0:  # the broker reads it under its own account, by whomever a box was revoked
            os.chown(fresh, folder.stat().st_uid, folder.stat().st_gid)
        fresh.replace(path)
    return acl


def reload(folder: Path) -> bool:
    """Let the mosquitto of this folder read its rights and its list anew; False when none runs on this machine."""
    try:
        number = int((folder / _PID).read_text())
        if Path(f"/proc/{number}/comm").read_text().strip() != "mosquitto":
            return False
        os.kill(number, signal.SIGHUP)
    except (OSError, ValueError):
        return False
    return True


def access_list(clinic: str, closed: Sequence[str] = ()) -> str:
    """%u is the certificate's common name: the box's id. What denies stands first: mosquitto asks it first."""
    own = f"{ROOT}/{clinic}/%u"
    rights = [f"pattern write {own}/{channel}" for channel in ("up", "urgent", "state")]
    rights += [f"pattern read {own}/down", f"pattern read {own}/ack"]
    whole = f"{ROOT}/{clinic}/+"
    ingest = [f"topic read {whole}/{channel}" for channel in ("up", "urgent", "state")]
    # By it ingest learns that this list is of an age in which boxes may write `urgent`.
    ingest += [f"topic readwrite {probe_topic(clinic, '+')}", f"topic write {whole}/down"]
    denied = [line for box in closed for line in (f"user {box}", f"topic deny {ROOT}/{clinic}/{box}/#", "")]
    return "\n".join([*rights, "", "user ingest", *ingest, f"topic write {whole}/ack", "", *denied])


def _configuration(folder: Path, data: Path, acl: Path, host: str, port: int) -> str:
    user = pwd.getpwuid(folder.stat().st_uid).pw_name
    revoked = f"crlfile {folder / REVOKED}\n" if (folder / REVOKED).exists() else ""
    return f"""# Written by chevet. mosquitto 2.0: TLS, client certificates, one access list.
listener {port} {host}
user {user}
pid_file {folder / _PID}
allow_anonymous false
cafile {folder / "ca.pem"}
certfile {folder / "broker.crt"}
keyfile {folder / "broker.key"}
tls_version tlsv1.3
{revoked}require_certificate true
use_identity_as_username true
acl_file {acl}
persistence true
persistence_location {data}/
# A memory kept between two restarts is a convenience: nothing in the protocol leans on it.
autosave_interval 30
# As many as ingest keeps in one transaction; a box asks for its own window, 20.
max_inflight_messages 500
# For one who is away. What is dropped beyond is still in the sender's database, and asked for at the next hello.
max_queued_messages {QUEUED_MAX}
max_queued_bytes {QUEUED_BYTES_MAX}
# A letter has {BYTES_MAX} bytes at most. The packet is refused by its length alone; nothing of it is stored.
max_packet_size {MESSAGE_BYTES_MAX}
message_size_limit {MESSAGE_BYTES_MAX}
# Boxes of a large clinic twice over: lost connections are still there when the new ones come.
max_connections {CONNECTIONS_MAX}
# Ours is 30 s; one who asks for hours would seem alive for hours after its network is gone.
max_keepalive {KEEPALIVE_S_MAX}
# Of all together: the broker refuses rather than take the machine's memory from the database.
memory_limit {MEMORY_BYTES_MAX}
# Whoever has no name of its own would leave a session behind at each connection.
allow_zero_length_clientid false
# Without it a small answer waits 40 ms for the acknowledgement of the one before (Nagle).
set_tcp_nodelay true
# One that was given up for good leaves no queue behind.
persistent_client_expiration {KEPT_OF_A_SESSION}d
connection_messages true
log_dest stderr
"""
