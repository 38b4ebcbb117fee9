"""The clinic's home: one folder that holds its settings, its keys, its broker's files and (with SQLite) its databases.

clinic.toml   settings          keys/clinic.secret   the clinic's keys        secret-key     Django's
broker/       mosquitto, the CA's certificate        authority/   the CA      ingest/        ingest's certificate
shelf/        its certificate, and packages/ by hash               previews/  pictures of plans, made again when gone
registrar/    its certificate
clinic.db     the record        audit.db             the audit trail          ingest.1.bell  rings the first ingest
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from clinic.errors import HomeError
from clinic.escalation import Rules
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.identity import Identifier

HOME_VARIABLE = "CHEVET_CLINIC_HOME"
DATABASE_VARIABLE = "CHEVET_DATABASE_URL"
AUDIT_DATABASE_VARIABLE = "CHEVET_AUDIT_DATABASE_URL"

Port = Annotated[int, Meta(ge=0, le=65535)]


BrokerKind = Literal["mosquitto", "rabbitmq"]


class Broker(Word, frozen=True):
    """Where the clinic's broker listens, and which it is. `protocol`: 5, or 4 for MQTT 3.1.1."""

    kind: BrokerKind = "mosquitto"
    host: str = "127.0.0.1"
    port: Port = 8883
    protocol: Literal[4, 5] = 5


class Console(Word, frozen=True):
    """Where the console listens. `names`: the host names that browsers use, when a proxy stands before it.

    `url`: the address that they show (`clinic.public_url`); without it there are no passkeys.
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    names: tuple[str, ...] = ()
    url: str = ""


class Shelf(Word, frozen=True):
    """Where the shelf of session packages listens. `host` empty: the broker's."""

    host: str = ""
    port: Port = 8884


class Registrar(Word, frozen=True):
    """Where boxes are enrolled and renew their certificates. `host` empty: the broker's."""

    host: str = ""
    port: Port = 8885


class Configuration(Word, frozen=True):
    """clinic.toml. `database` and `audit_database`: "sqlite" (a file in the home) or postgresql://...

    `demonstration`: invented people only; a password alone signs in, and every page says so.
    `escalation`: after how many minutes what waits is passed on. `ready_answers`: what staff often write to patients;
    empty: the house's own.
    """

    clinic: Identifier
    broker: Broker = Broker()
    console: Console = Console()
    shelf: Shelf = Shelf()
    registrar: Registrar = Registrar()
    database: str = "sqlite"
    audit_database: str = "sqlite"
    language: Literal["fr", "en"] = "fr"
    time_zone: str = "Europe/Paris"
    demonstration: bool = False
    escalation: Rules = Rules()
    ready_answers: tuple[str, ...] = ()

    @property
    def shelf_host(self) -> str:
        return self.shelf.host or self.broker.host

    @property
    def registrar_host(self) -> str:
        return self.registrar.host or self.broker.host

    @property
    def registrar_url(self) -> str:
        """As a box is told it."""
        host = self.registrar_host
        return f"https://{f'[{host}]' if ':' in host else host}:{self.registrar.port}"


@dataclass(frozen=True)
class Home:
    folder: Path

    @property
    def configuration_file(self) -> Path:
        return self.folder / "clinic.toml"

    @property
    def clinic_keys(self) -> Path:
        return self.folder / "keys" / "clinic.secret"

    @property
    def secret_key(self) -> Path:
        return self.folder / "secret-key"

    @property
    def authority(self) -> Path:
        return self.folder / "authority"

    @property
    def broker(self) -> Path:
        return self.folder / "broker"

    @property
    def ingest(self) -> Path:
        return self.folder / "ingest"

    @property
    def shelf(self) -> Path:
        return self.folder / "shelf"

    @property
    def registrar(self) -> Path:
        return self.folder / "registrar"

    @property
    def revoked(self) -> Path:
        """The list of certificates that open nothing any more."""
        return self.authority / "revoked.pem"

    @property
    def archives(self) -> Path:
        return self.shelf / "packages"

    @property
    def previews(self) -> Path:
        return self.folder / "previews"

    def place(self, number: int) -> Path:
        """Held by the ingest process that has this place."""
        return self.ingest / f"place-{number}"

    def configuration(self) -> Configuration:
        """clinic.toml, checked. Raises HomeError."""
        try:
            raw = tomllib.loads(self.configuration_file.read_text())
            return msgspec.convert(raw, Configuration)
        except OSError as error:
            raise HomeError(
                f"no clinic at {self.folder} ({error.strerror}): make one with "
                f"`chevet-clinic init --home {self.folder} --clinic ID`"
            ) from error
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise HomeError(f"{self.configuration_file}: {error}; put it right in that file") from error


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def home_of(environment: Mapping[str, str] = os.environ) -> Home | None:
    """The home that the environment names, None when it names none."""
    folder = environment.get(HOME_VARIABLE)
    return Home(Path(folder)) if folder else None


def current_home() -> Home:
    """The home of this process. Raises HomeError when none is named."""
    home = home_of()
    if home is None:
        raise HomeError(f"which clinic? Give --home FOLDER or set {HOME_VARIABLE}")
    return home
