"""The list of revoked certificates as files: one beside the authority, one for the broker."""

from collections.abc import Collection
from pathlib import Path

from clinic.home import Home
from mqtt_bridge import authority, broker


def paths(home: Home) -> tuple[Path, Path]:
    return home.revoked, home.broker / broker.REVOKED


def write(home: Home, rows: Collection[tuple[str, int]]) -> None:
    """(serial, revoked at) of each certificate that opens nothing any more, beside those that are listed already.

    What was revoked once stays so: a database that was put back knows nothing of it.
    """
    known = {serial: at_ms for path in paths(home) for serial, at_ms in (_read(path) or {}).items()}
    for path in paths(home):
        authority.write_revoked(home.authority, sorted((known | dict(rows)).items()), path)


def write_none(home: Home) -> None:
    """An empty list where there is none yet: a broker must find one when it starts, or it asks for none."""
    for path in paths(home):
        if not path.exists():
            authority.write_revoked(home.authority, [], path)


def lists(home: Home, serials: Collection[str]) -> bool:
    """Whether all of these are on both lists, and the two say the same."""
    first, second = (_read(path) for path in paths(home))
    return first is not None and first == second and set(serials) <= set(first)


def _read(path: Path) -> dict[str, int] | None:
    """None when it is missing or cannot be read."""
    try:
        return authority.read_revoked(path)
    except (OSError, authority.CertificateError):
        return None
