"""The list of revoked certificates as files: one beside the authority, one for the broker."""

from collections.abc import Collection
from pathlib import Path

from clinic.home import Home
from mqtt_bridge import authority, broker


def paths(home: Home) -> tuple[Path, Path]:
    return home.revoked, home.broker / broker.REVOKED


def write(home: Home, rows: Collection[tuple[str, int]]) -> None:
    """(serial, revoked at) of each certificate that opens nothing any more."""
    for path in paths(home):
        authority.write_revoked(home.authority, rows, path)


def write_none(home: Home) -> None:
    """An empty list where there is none yet: a broker must find one when it starts, or it asks for none."""
    for path in paths(home):
        if not path.exists():
            authority.write_revoked(home.authority, [], path)


def listed(home: Home) -> frozenset[str] | None:
    """The serials on the list; None when one of the files is missing or cannot be read."""
    try:
        first, second = (authority.revoked_serials(path) for path in paths(home))
    except (OSError, authority.CertificateError):
        return None
    return first if first == second else None
