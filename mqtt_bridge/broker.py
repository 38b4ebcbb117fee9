"""mosquitto's configuration for one clinic: mutual TLS, a box may use its own four topics only.

Nothing in the protocol relies on what the broker keeps: see traps in ARCHITECTURE.md, "The wire".
"""

import pwd
from pathlib import Path

from mqtt_bridge.contract.wire import ROOT


def write_mosquitto(folder: Path, clinic: str, host: str, port: int) -> Path:
    """Write mosquitto.conf and acl into `folder`, which holds ca.pem, broker.crt and broker.key; the file's path."""
    acl = folder / "acl"
    acl.write_text(access_list(clinic))
    acl.chmod(0o600)
    data = folder / "data"
    data.mkdir(exist_ok=True)
    configuration = folder / "mosquitto.conf"
    configuration.write_text(_configuration(folder, data, acl, host, port))
    return configuration


def access_list(clinic: str) -> str:
    """%u is the certificate's common name: the box's id."""
    own = f"{ROOT}/{clinic}/%u"
    rights = [f"pattern write {own}/up", f"pattern write {own}/state"]
    rights += [f"pattern read {own}/down", f"pattern read {own}/ack"]
    whole = f"{ROOT}/{clinic}/+"
    ingest = [f"topic read {whole}/up", f"topic read {whole}/state", f"topic write {whole}/down"]
    return "\n".join([*rights, "", "user ingest", *ingest, f"topic write {whole}/ack", ""])


def _configuration(folder: Path, data: Path, acl: Path, host: str, port: int) -> str:
    user = pwd.getpwuid(folder.stat().st_uid).pw_name
    return f"""# Written by chevet. mosquitto 2.0: TLS, client certificates, one access list.
listener {port} {host}
user {user}
allow_anonymous false
cafile {folder / "ca.pem"}
certfile {folder / "broker.crt"}
keyfile {folder / "broker.key"}
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
acl_file {acl}
persistence true
persistence_location {data}/
autosave_interval 30
max_inflight_messages 20
max_queued_messages 10000
message_size_limit 400000
# Without it a small answer waits 40 ms for the acknowledgement of the one before (Nagle).
set_tcp_nodelay true
# A client of MQTT 3.1.1 that was given up for good leaves no queue behind.
persistent_client_expiration 1d
connection_messages true
log_dest stderr
"""
