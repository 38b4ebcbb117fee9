"""kiosk.toml: everything that differs between a box and a laptop. Unknown keys are refused."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mqtt_bridge.clock import Trust


class ConfigError(Exception):
    """The configuration cannot be used; the message says which key, and what is allowed."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Screen(_Table, frozen=True):
    """size: of the window; on kmsdrm the panel's own is taken. mirror: tells tests and trainers what is shown."""

    width: Annotated[int, Meta(ge=320, le=4096)] = 1280
    height: Annotated[int, Meta(ge=240, le=4096)] = 800
    driver: Literal["kmsdrm", "x11", "wayland"] = "kmsdrm"
    mirror: str = ""


class ButtonPins(_Table, frozen=True):
    """factory: lgpio (every Pi), rpigpio (old kernels), mock (socket and space bar). pin, led: BCM numbers.

    chip: with lgpio, the N of /dev/gpiochipN whose lines these are; absent: the Pi's header. serving: a second LED, lit
    while the box serves, whatever the button's own tells; absent: there is none.
    """

    factory: Literal["lgpio", "rpigpio", "mock"] = "lgpio"
    pin: Annotated[int, Meta(ge=0, le=27)] = 17
    led: Annotated[int, Meta(ge=0, le=27)] = 27
    chip: Annotated[int, Meta(ge=0, le=31)] | None = None
    serving: Annotated[int, Meta(ge=0, le=27)] | None = None
    socket: str = ""


class Folders(_Table, frozen=True):
    """partition: where the data partition is mounted; a box on which nothing is keeps no record. Empty: a laptop.

    data_key: where the start of the machine tells of that partition's key. Empty: a laptop.
    """

    data: str
    run: str
    enrolment: str
    packages: str
    partition: str = ""
    data_key: str = ""


class Voice(_Table, frozen=True):
    """words: folder of the spoken words (`make sessions`); empty: the box does not speak. French only.

    espeak: words without a recording, of a plan or a message, are said by the plain voice, where it is installed.
    eyes_closed: the button and the voice lead everybody here (X3); else the plan says for whom.
    """

    words: str = ""
    espeak: bool = False
    eyes_closed: bool = False


class Service(_Table, frozen=True):
    """pin: digest of staff's PIN (`chevet-kiosk pin`); empty: none is set, and the service screen says so."""

    pin: Annotated[str, Meta(max_length=128, pattern=r"\A(\$argon2id\$[!-~]+)?\Z")] = ""


class Config(_Table, frozen=True):
    folders: Folders
    language: Literal["fr", "en"] = "fr"
    calibration: str = ""
    """The headphones' file (docs/etalonnage.md); empty: uncalibrated, reckoned with the loudest plausible ones."""
    player: str = "/run/chevet/player.sock"
    clock: Trust = "timesync"
    screen: Screen = Screen()
    button: ButtonPins = ButtonPins()
    voice: Voice = Voice()
    service: Service = Service()
    box_file: str = ""
    """Where a technician's chevet-box.toml may stand (kiosk/shell/box_file.py). Empty: a laptop."""


def read(path: Path) -> Config:
    """Raises ConfigError: no file, not TOML, an unknown key, a value that is not allowed."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Config)
    except OSError as error:
        raise ConfigError(f"no configuration at {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
