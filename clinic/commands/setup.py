"""init and migrate: a clinic from nothing."""

import argparse
import os
import secrets
import socket
from pathlib import Path
from typing import Literal

from clinic.commands.broker import write_files
from clinic.commands.common import Subparsers, command, name_home, open_home, say, start_django
from clinic.errors import HomeError
from clinic.home import Broker, Configuration, Console, Home, Registrar, Shelf


def add(subparsers: Subparsers) -> None:
    init = command(
        subparsers,
        "init",
        _init,
        "Make a clinic: its folder, keys, certificate authority, broker files and databases. "
        "Given again, it adds what is missing and changes nothing that stands.",
        "chevet-clinic init --home /srv/chevet --clinic maison --broker-host broker.maison.example",
    )
    init.add_argument("--clinic", required=True, metavar="ID", help="letters, digits, dot, dash, underscore")
    init.add_argument("--broker-host", default="127.0.0.1", help="name or address that the boxes will connect to")
    init.add_argument("--broker-port", type=int, default=8883, help="0 takes a free one, once for all (default: 8883)")
    init.add_argument("--broker-kind", choices=("mosquitto", "rabbitmq"), default="mosquitto")
    init.add_argument(
        "--broker-protocol", type=int, choices=(4, 5), help="4 is MQTT 3.1.1 (default: 5; 4 with RabbitMQ)"
    )
    init.add_argument("--console-host", default="127.0.0.1")
    init.add_argument("--console-port", type=int, default=8000)
    init.add_argument("--shelf-port", type=int, default=8884, help="of session packages; 0 as above (default: 8884)")
    init.add_argument("--registrar-port", type=int, default=8885, help="of enrolment; 0 as above (default: 8885)")
    init.add_argument("--database", default="sqlite", metavar="URL", help="sqlite, or postgresql://...")
    init.add_argument("--audit-database", default="sqlite", metavar="URL", help="another one, for the audit trail")
    init.add_argument("--language", choices=("fr", "en"), default="fr", help="of the console (default: fr)")
    init.add_argument("--demonstration", action="store_true", help="invented people only: no second factor")
    command(
        subparsers,
        "migrate",
        _migrate,
        "Bring both databases (record and audit trail) to this version of Chevet.",
        "chevet-clinic migrate --home /srv/chevet",
    )


def _init(arguments: argparse.Namespace) -> int:
    home = name_home(arguments)
    configuration = make_clinic(home, _configuration(arguments))
    say(f"init: clinic {configuration.clinic} at {home.folder}")
    return 0


def make_clinic(home: Home, wanted: Configuration) -> Configuration:
    """Add what is missing, and start Django on it; the configuration that stands. Raises HomeError."""
    _make_folders(home)
    if not home.configuration_file.exists():
        write_private(home.configuration_file, _toml(wanted), 0o640)
    configuration = home.configuration()
    if configuration.clinic != wanted.clinic:
        raise HomeError(f"{home.folder} is the clinic {configuration.clinic!r}: choose another --home")
    _make_secrets(home)
    _make_broker(home, configuration)
    start_django()
    _migrate_both()
    write_files(home, configuration, configuration.broker.kind)
    return configuration


def _migrate(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    _migrate_both()
    say("migrate: done")
    return 0


def _migrate_both() -> None:
    from django.core.management import call_command

    for alias in ("default", "audit"):
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def _make_folders(home: Home) -> None:
    for folder in (home.folder, home.clinic_keys.parent, home.authority, home.broker, home.ingest):
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)


def _configuration(arguments: argparse.Namespace) -> Configuration:
    port = arguments.broker_port or _free_port(arguments.broker_host)
    return Configuration(
        clinic=arguments.clinic,
        broker=Broker(kind=arguments.broker_kind, host=arguments.broker_host, port=port, protocol=_protocol(arguments)),
        console=Console(host=arguments.console_host, port=arguments.console_port),
        shelf=Shelf(port=arguments.shelf_port or _free_port(arguments.broker_host)),
        registrar=Registrar(port=arguments.registrar_port or _free_port(arguments.broker_host)),
        database=arguments.database,
        audit_database=arguments.audit_database,
        language=arguments.language,
        demonstration=arguments.demonstration,
    )


def _protocol(arguments: argparse.Namespace) -> Literal[4, 5]:
    if arguments.broker_protocol is None:
        return 4 if arguments.broker_kind == "rabbitmq" else 5
    return 4 if arguments.broker_protocol == 4 else 5


def _toml(configuration: Configuration) -> str:
    broker, console = configuration.broker, configuration.console
    return f"""# Chevet: a clinic's settings. Restart ingest and the console after a change.
clinic = {_quoted(configuration.clinic)}
language = {_quoted(configuration.language)}
time_zone = {_quoted(configuration.time_zone)}
# true: invented people only. A password alone signs in, on 127.0.0.1 only, and every page says so.
demonstration = {"true" if configuration.demonstration else "false"}
# "sqlite" (a file in this folder), or "postgresql://user:password@host:port/name", not the same one for both;
# $CHEVET_DATABASE_URL and $CHEVET_AUDIT_DATABASE_URL win.
database = {_quoted(configuration.database)}
audit_database = {_quoted(configuration.audit_database)}

[broker]
# "mosquitto", or "rabbitmq" (its MQTT plugin; then protocol = 4 and no dot in the names of boxes).
kind = {_quoted(broker.kind)}
host = {_quoted(broker.host)}
port = {broker.port}
protocol = {broker.protocol}

[console]
host = {_quoted(console.host)}
port = {console.port}
# Host names that browsers use, when a proxy with TLS stands before the console.
names = []
# The address that browsers show, "https://chevet.maison.example": passkeys need it and hold at no other.
url = {_quoted(console.url)}

[shelf]
# Where boxes fetch session packages; an empty host is the broker's.
host = {_quoted(configuration.shelf.host)}
port = {configuration.shelf.port}

[registrar]
# Where boxes are enrolled and renew their certificates; an empty host is the broker's.
host = {_quoted(configuration.registrar.host)}
port = {configuration.registrar.port}
"""


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _make_secrets(home: Home) -> None:
    from mqtt_bridge import seal

    if not home.secret_key.exists():
        write_private(home.secret_key, secrets.token_urlsafe(50), 0o600)
    if not home.clinic_keys.exists():
        seal.save_secret(seal.make_keys(), home.clinic_keys)


def _make_broker(home: Home, configuration: Configuration) -> None:
    from mqtt_bridge import authority

    authority.make_authority(home.authority, configuration.clinic)
    (home.broker / "ca.pem").write_bytes((home.authority / "ca.pem").read_bytes())
    if not (home.broker / "broker.crt").exists():
        host = configuration.broker.host
        authority.issue(home.authority, host, home.broker / "broker", server_host=host)
    if not (home.ingest / "ingest.crt").exists():
        authority.issue(home.authority, "ingest", home.ingest / "ingest")


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as taken:
        return int(taken.getsockname()[1])


def write_private(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
