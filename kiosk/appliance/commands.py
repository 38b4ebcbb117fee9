"""`chevet-kiosk update`, `take-update`, `health`, `selftest`: what the box's own units run."""

import argparse
import json
import logging
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.appliance import otp_commands

if TYPE_CHECKING:
    from kiosk.appliance.updating import Ports
    from kiosk.shell.config import Config

LATER = 75
"""EX_TEMPFAIL of sysexits.h: somebody is cared for, try again later."""


def add(commands: Any) -> None:
    test = commands.add_parser("selftest", help="check the box: configuration, keys, disk, player, packages, plan")
    test.add_argument("--config", type=Path, required=True, help="kiosk.toml")
    test.add_argument("--json", action="store_true", help="for a machine")
    test.add_argument("--save", type=Path, metavar="FILE", help="keep what was found, outside care only (else exit 75)")
    test.set_defaults(act=_selftest)
    update = commands.add_parser("update", help="have an update written and the box started again, at a quiet time")
    _folders(update)
    update.add_argument("--restart", type=Path, required=True, metavar="FILE", help="made when it may be started again")
    update.set_defaults(act=_update)
    taken = commands.add_parser("take-update", help="copy the update that a stick carries")
    taken.add_argument("stick", type=Path, help="where the stick is mounted")
    taken.add_argument("--updates", type=Path, required=True, metavar="FOLDER")
    taken.set_defaults(act=_take)
    health = commands.add_parser("health", help="whether this start of the box is healthy: what an update must pass")
    _folders(health)
    health.add_argument("--verdict", type=Path, required=True, metavar="FILE", help="gets `good` or `bad`")
    health.set_defaults(act=_health)
    otp_commands.add(commands)


def _folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="kiosk.toml")
    parser.add_argument("--updates", type=Path, required=True, metavar="FOLDER", help="where updates wait")


def _selftest(options: argparse.Namespace) -> int:
    from kiosk.appliance import daily
    from kiosk.shell.selftest import selftest

    config = _config(options)
    if config is None:
        return 1
    if options.save is not None:
        return _saved(daily.look(config, options.save))
    findings = selftest(config)
    if options.json:
        print(json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(finding.as_line())
    return 0 if all(finding.fine for finding in findings) else 1


def _saved(done: bool) -> int:  # noqa: FBT001
    return 0 if done else LATER


def _update(options: argparse.Namespace) -> int:
    from kiosk.appliance.updating import Updater
    from mqtt_bridge.clock import system_clock
    from mqtt_bridge.stopping import Stopping
    from mqtt_bridge.update_told import running_version

    config = _config(options)
    if config is None:
        return 1
    stopping, boot = Stopping(), system_clock(config.clock)().boot
    updater = Updater(options.updates, running_version(), boot, _ports(config, options.restart))
    while (wait_s := updater.turn()) is not None:
        if stopping.wait(wait_s):
            break
    return 0


def _ports(config: "Config", restart: Path) -> "Ports":
    from kiosk.appliance.health import has_panel
    from kiosk.appliance.looking import Surroundings, well
    from kiosk.appliance.rauc import SystemRauc
    from kiosk.appliance.updating import Ports
    from mqtt_bridge.update_told import write_whole

    around = Surroundings(config)
    ask_restart = partial(write_whole, restart, b"")
    return Ports(SystemRauc(), around.unquiet, around.linked, has_panel, partial(well, config), ask_restart)


def _take(options: argparse.Namespace) -> int:
    from kiosk.appliance.stick import STICK_NAME, TakeError, take

    told = {
        "taken": "taken",
        "known": f"{STICK_NAME} was taken before, and the stick left in: put it in again to have it tried again",
        "none": f"no {STICK_NAME} on this stick",
    }
    try:
        taken = take(options.stick, options.updates, time.monotonic())
    except (TakeError, OSError) as error:
        return _fail(f"take-update: {error}")
    print(f"take-update: {told[taken]}")
    return 0


def _health(options: argparse.Namespace) -> int:
    from kiosk.appliance import health
    from kiosk.appliance.looking import look
    from mqtt_bridge.clock import system_clock
    from mqtt_bridge.stopping import Stopping
    from mqtt_bridge.update_told import read, running_version

    config = _config(options)
    if config is None:
        return 1
    running, stopping = running_version(), Stopping()
    health.note_return(options.updates, running, system_clock(config.clock)().boot)
    healthy, signs = health.watch(
        partial(look, config, options.updates),
        health.held_to(read(options.updates), running),
        seconds_max=health.SECONDS_MAX,
        wait=stopping.wait,
    )
    if not healthy and stopping.asked():
        return 0  # the machine goes down: nothing was found out
    for sign in signs:
        print(f"health: {'ok  ' if sign.fine else 'FAIL'} {sign.name}: {sign.detail}", flush=True)
    health.settle(options.updates, options.verdict, running, healthy=healthy)
    print(f"health: this start is {'a healthy' if healthy else 'no healthy'} one", flush=True)
    return 0


def _config(options: argparse.Namespace) -> "Config | None":
    from kiosk.shell.config import ConfigError, read

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return read(options.config)
    except ConfigError as error:
        _fail(str(error))
        return None


def _fail(message: str) -> int:
    print(f"chevet-kiosk: {message}", file=sys.stderr)
    return 1
