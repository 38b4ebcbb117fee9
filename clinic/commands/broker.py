"""broker: its files, written anew, and the program in our place."""

import argparse
import os
import shutil
from pathlib import Path

from msgspec import structs

from clinic.commands.common import Subparsers, command, name_home, say, start_django
from clinic.errors import ClinicError
from clinic.home import BrokerKind, Configuration, Home

KINDS: tuple[BrokerKind, ...] = ("mosquitto", "rabbitmq")
_PLACES = "/usr/lib/rabbitmq/bin:{}:/usr/sbin:/usr/local/sbin"


def add(subparsers: Subparsers) -> None:
    broker = command(
        subparsers,
        "broker",
        _broker,
        "Write the broker's files again and run it in the foreground. mosquitto, or RabbitMQ with its MQTT plugin.",
        "chevet-clinic broker --home /srv/chevet",
    )
    broker.add_argument("--kind", choices=KINDS, help="default: clinic.toml's")
    what = broker.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help="write the files only")
    what.add_argument(
        "--reload",
        action="store_true",
        help="a broker that runs: RabbitMQ takes in new boxes and cuts off those that are gone, mosquitto reads its "
        "rights and its list of revoked certificates anew",
    )
    broker.add_argument(
        "--by-hand",
        action="store_true",
        help="with --reload: mosquitto runs on another machine, and was brought its files and sent SIGHUP",
    )


def _broker(arguments: argparse.Namespace) -> int:
    home = name_home(arguments)
    configuration = home.configuration()
    kind: BrokerKind = arguments.kind or configuration.broker.kind
    file = write_files(home, configuration, kind)
    if arguments.reload:
        return _reload(kind, home, configuration, by_hand=arguments.by_hand)
    if arguments.write:
        say(f"broker: {kind}, files in {file if file.is_dir() else file.parent}")
        return 0
    return _become(kind, file)


def write_files(home: Home, configuration: Configuration, kind: BrokerKind) -> Path:
    """Of this kind; mosquitto's file, or RabbitMQ's folder. Raises ClinicError, ContractError."""
    broker = configuration.broker
    if kind == "mosquitto":
        from clinic.fleet.revoked_list import write_none
        from mqtt_bridge.broker import write_mosquitto

        write_none(home)
        return write_mosquitto(home.broker, configuration.clinic, broker.host, broker.port)
    if broker.protocol != 4:
        raise ClinicError(
            "RabbitMQ speaks MQTT 5 from 3.13 on only: set `protocol = 4` under [broker] in clinic.toml, and enrol "
            "again the boxes that were enrolled before"
        )
    from mqtt_bridge.rabbitmq import write_rabbitmq

    return write_rabbitmq(home.broker, configuration.clinic, broker.host, broker.port, _boxes())


def _boxes() -> list[str]:
    start_django()
    from clinic.clock import now_ms
    from clinic.fleet.open_doors import open_to

    return open_to(now_ms())


def _become(kind: BrokerKind, file: Path) -> int:
    if kind == "mosquitto":
        program = _program("mosquitto", "mosquitto")
        os.execv(program, [program, "-c", str(file)])  # noqa: S606  # in the foreground, in our place
    from mqtt_bridge.rabbitmq import environment

    program = _program("rabbitmq-server", "rabbitmq-server")
    os.execve(program, [program], environment(file))  # noqa: S606


def _reload(kind: BrokerKind, home: Home, configuration: Configuration, *, by_hand: bool) -> int:
    """Mosquitto's access list is a pattern: a new box needs nothing of it, one that is gone does, and a new version."""
    boxes = _boxes()
    from clinic.clock import now_ms
    from clinic.fleet.open_doors import due, note_closed
    from clinic.registrar.doors import Doors

    told = structs.replace(configuration, broker=structs.replace(configuration.broker, kind=kind))
    try:
        closed = note_closed(due(now_ms())) if by_hand else Doors(home, told).turn()
    except OSError as error:
        raise ClinicError(str(error)) from error
    if kind == "mosquitto" and not by_hand and not closed:
        _read_anew(home)
    for box in closed:
        say(f"broker: {box} is refused and cut off")
    say(f"broker: {len(boxes)} box(es) may come in")
    return 0


def _read_anew(home: Home) -> None:
    """With nothing to close mosquitto was not told; its rights may have been written anew by another version."""
    from mqtt_bridge.broker import reload

    if not reload(home.broker):
        say("broker: no mosquitto of this home runs here; it reads its rights when it starts")


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=_PLACES.format(os.environ.get("PATH", "")))
    if found is None:
        raise ClinicError(f"no {name} on this machine: apt-get install {package}")
    return found
