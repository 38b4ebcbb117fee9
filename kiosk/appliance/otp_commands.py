"""`chevet-kiosk otp-key`: the words that open the data partition of a Pi; how its private key is written, once."""

import argparse
import sys
from typing import Any
from uuid import UUID

UNREACHABLE = 69
"""EX_UNAVAILABLE of sysexits.h."""
NOT_WRITTEN = 78
"""EX_CONFIG."""
HOW = """\
A Pi 3, 4 or Zero 2 W has room for a private key of 256 bits that is written once and stays for the life of the board.
Chevet reads it and never writes it: bits that were set cannot be taken back, by nobody.

On the board itself, started from a card with Raspberry Pi OS (its package rpi-eeprom has the program):

  sudo rpi-otp-private-key -c && echo "written already: leave it"
  sudo rpi-otp-private-key -w "$(openssl rand -hex 32)"

It asks for YES. Keep no copy of the key: nothing needs it, and whoever has it and the card reads the card. Then put
Chevet's card in: its first start makes the data partition by this key.
"""


def add(commands: Any) -> None:
    key = commands.add_parser("otp-key", help="what opens a data partition by this Pi's private key (hexadecimal)")
    what = key.add_mutually_exclusive_group(required=True)
    what.add_argument("--salt", type=UUID, metavar="UUID", help="the partition's")
    what.add_argument("--how", action="store_true", help="tell how a technician writes the private key, once")
    key.set_defaults(act=_otp_key)


def _otp_key(options: argparse.Namespace) -> int:
    if options.how:
        print(HOW, end="")
        return 0
    from kiosk.appliance.otp import OtpEmptyError, OtpError, Vcio, partition_key, private_key

    try:
        print(partition_key(private_key(Vcio()), options.salt).hex(), end="")
    except OtpError as error:
        print(f"chevet-kiosk: {error}", file=sys.stderr)
        return NOT_WRITTEN if isinstance(error, OtpEmptyError) else UNREACHABLE
    return 0
