"""The address that browsers use for the console (`[console] url`): a passkey is bound to it and works at no other."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from clinic.errors import HomeError

REMEDY = 'give `[console] url` in clinic.toml as browsers show it, like "https://chevet.maison.example"'


@dataclass(frozen=True)
class PublicUrl:
    """`origin`: scheme, host, and a port that is not the scheme's own. `host`: WebAuthn's relying party."""

    origin: str
    host: str


def public_url(told: str) -> PublicUrl:
    """What browsers will say of this address. Raises HomeError: missing, or one at which no browser takes a passkey.

    https alone, or http on `localhost`, which browsers hold to be safe; never an IP address (WebAuthn, 5.1.2).
    """
    if not told:
        raise HomeError(f"the console's public address is not set: {REMEDY}")
    try:
        parts = urlsplit(told)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise HomeError(f"[console] url {told!r:.100} is no address ({error}): {REMEDY}") from error
    if parts.scheme != "https" and (parts.scheme, host) != ("http", "localhost"):
        raise HomeError(f"[console] url {told!r:.100} is not https: browsers give passkeys to https alone; {REMEDY}")
    if not host or not host.isascii() or _is_address(host):
        raise HomeError(f"[console] url {told!r:.100} needs a name (of letters a to z, no IP address): {REMEDY}")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise HomeError(f"[console] url {told!r:.100} is more than scheme, name and port: {REMEDY}")
    usual = {"https": 443, "http": 80}[parts.scheme]
    told_port = "" if port in (None, usual) else f":{port}"
    return PublicUrl(f"{parts.scheme}://{host}{told_port}", host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
