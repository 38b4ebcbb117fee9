"""The files that make a box one of a clinic's boxes, in one folder (0750, its files 0640).

enrolment.json   who and where          box.secret    the box's own keys     clinic.public  the clinic's keys
ca.pem           the clinic's private CA              box.crt, box.key       the box's certificate for the broker
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

    @property
    def has_shelf(self) -> bool:
        return bool(self.shelf_host and self.shelf_port)


@dataclass(frozen=True)
class Enrolment:
    place: Place
    keys: seal.SecretKeys
    clinic: seal.PublicKeys
    folder: Path

    def address(self) -> Address:
        """Where the link connects, and with what."""
        return Address(
            host=self.place.broker_host,
            port=self.place.broker_port,
            client_id=f"chevet-{self.place.clinic}-{self.place.box}",
            ca=self.folder / "ca.pem",
            certificate=self.folder / "box.crt",
            key=self.folder / "box.key",
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
    (folder / "enrolment.json").write_bytes(encode(place))
    seal.save_secret(keys, folder / "box.secret")
    (folder / "clinic.public").write_bytes(encode(clinic))
