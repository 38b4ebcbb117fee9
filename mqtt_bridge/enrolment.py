"""The files that make a box one of a clinic's boxes, in one folder (0750, its files 0640).

enrolment.json   who and where          box.secret    the box's own keys     clinic.public  the clinic's keys
ca.pem           the clinic's private CA              box.crt, box.key       the box's certificate for the broker
box.pem          the two in one file, once renewed    next.pem               the same, renewed and not proved yet
"""

from dataclasses import dataclass
from pathlib import Path

from mqtt_bridge import seal
from mqtt_bridge.contract.codec import Word, decode, encode
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.mqtt.port import Address


class Place(Word, frozen=True):
    """Who this box is, and where its clinic's broker is."""

    clinic: Identifier
    box: Identifier
    broker_host: str
    broker_port: int
    protocol: int = 5
    shelf_host: str = ""
    shelf_port: int = 0
    """Where its session packages come from; empty in an enrolment of before there was a shelf."""
    registrar_host: str = ""
    registrar_port: int = 0
    """Who renews its certificate; empty in an enrolment of before there was a registrar."""

    @property
    def has_registrar(self) -> bool:
        return bool(self.registrar_host and self.registrar_port)

    @property
    def has_shelf(self) -> bool:
        return bool(self.shelf_host and self.shelf_port)


def client_id(clinic: str, box: str) -> str:
    """A box's name at the broker, which one connection has at a time."""
    return f"chevet-{clinic}-{box}"


@dataclass(frozen=True)
class Enrolment:
    place: Place
    keys: seal.SecretKeys
    clinic: seal.PublicKeys
    folder: Path

    @property
    def renewed(self) -> Path:
        """Certificate and key in one file, since the first renewal: one rename replaces both."""
        return self.folder / "box.pem"

    @property
    def next(self) -> Path:
        """The pair that was renewed and has not connected yet."""
        return self.folder / "next.pem"

    def pair(self) -> tuple[Path, Path]:
        """(certificate, key) that are proved."""
        if self.renewed.exists():
            return self.renewed, self.renewed
        return self.folder / "box.crt", self.folder / "box.key"

    def address(self, *, tried: bool = False) -> Address:
        """Where the link connects, and with what; `tried`: with the pair that is to be proved."""
        certificate, key = (self.next, self.next) if tried else self.pair()
        return Address(
            host=self.place.broker_host,
            port=self.place.broker_port,
            client_id=client_id(self.place.clinic, self.place.box),
            ca=self.folder / "ca.pem",
            certificate=certificate,
            key=key,
            protocol=self.place.protocol,
        )


def load(folder: Path) -> Enrolment:
    """Read an enrolment. Raises SealError (no keys) or ContractError (unreadable)."""
    try:
        place = decode((folder / "enrolment.json").read_bytes(), Place)
    except OSError as error:
        raise seal.SealError(f"this box is not enrolled: no {folder / 'enrolment.json'} ({error.strerror})") from error
    keys = seal.load_secret(folder / "box.secret")
    return Enrolment(place, keys, seal.load_public(folder / "clinic.public"), folder)


def save(folder: Path, place: Place, keys: seal.SecretKeys, clinic: seal.PublicKeys) -> None:
    """Write all but the certificate files (the authority writes those)."""
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    seal.save_secret(keys, folder / "box.secret")
    save_place(folder, place, clinic)


def save_place(folder: Path, place: Place, clinic: seal.PublicKeys) -> None:
    """Write what the clinic says, and leave the box's own keys as they are."""
    (folder / "enrolment.json").write_bytes(encode(place))
    (folder / "clinic.public").write_bytes(encode(clinic))
