"""The wireless network of a box: a technician's file on the card's first partition becomes wpa_supplicant's.

    ssid = "Hopital-Chambres"
    password = "..."          8 to 63 signs; without it the network is open
    country = "FR"            where the box stands: which channels are allowed
    hidden = false            true: the network does not tell its name

A certificate or a name of the person who connects (802.1X) is not supported: such a network wants another way.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

FILE_BYTES_MAX = 16_384
_EXAMPLE = "ssid, password and country, as in docs/appliance.md"


class WirelessError(ValueError):
    """The file cannot be used; the message says which line, what is allowed and what to do."""


class Wireless(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """ssid: at most 32 bytes; password: printable ASCII, as the standard has it (IEEE 802.11, annex J)."""

    ssid: Annotated[str, Meta(min_length=1, max_length=32)]
    country: Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z")]
    password: Annotated[str, Meta(pattern=r"\A[ -~]{8,63}\Z")] | None = None
    hidden: bool = False


def read(file: Path) -> Wireless:
    """Raises WirelessError. No message repeats the password."""
    try:
        raw = file.read_bytes()[: FILE_BYTES_MAX + 1]
        if len(raw) > FILE_BYTES_MAX:
            raise WirelessError(f"{file.name}: longer than {FILE_BYTES_MAX} bytes: {_EXAMPLE}, and nothing else")
        table = tomllib.loads(raw.decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise WirelessError(f"{file.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WirelessError(f"{file.name}: not UTF-8: save it as plain text in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise WirelessError(f"{file.name}: {error}: words stand between double quotes") from error
    return _checked(file.name, table)


def _checked(name: str, table: dict[str, object]) -> Wireless:
    password = table.get("password")
    if password is not None and not (isinstance(password, str) and _is_password(password)):
        raise WirelessError(f"{name}: password: 8 to 63 letters, digits and signs without accents")
    try:
        found = msgspec.convert(table, Wireless)
    except msgspec.ValidationError as error:
        raise WirelessError(f"{name}: {error}: {_EXAMPLE}") from error
    if len(found.ssid.encode()) > 32:
        raise WirelessError(f"{name}: ssid: at most 32 bytes, an accented letter has two")
    return found


def _is_password(password: str) -> bool:
    return 8 <= len(password) <= 63 and all(" " <= sign <= "~" for sign in password)


def wpa_supplicant(network: Wireless) -> str:
    """wpa_supplicant.conf(5): WPA2 and WPA3 with a password, no control socket. The name in hexadecimal."""
    lines = [f"ssid={network.ssid.encode().hex()}", f"scan_ssid={int(network.hidden)}"]
    if network.password is None:
        lines += ["key_mgmt=NONE"]
    else:
        lines += ["key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE", "proto=RSN", "ieee80211w=1", f'psk="{network.password}"']
    inside = "".join(f"    {line}\n" for line in lines)
    return f"country={network.country}\np2p_disabled=1\nnetwork={{\n{inside}}}\n"


def write(path: Path, text: str) -> None:
    """For root and its owner alone. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
