"""The clinic's own certificates: broker, ingest, shelf, registrar; their dates, and making them anew."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from clinic.home import Configuration, Home
from mqtt_bridge import authority, broker
from mqtt_bridge.authority import DAY_MS, CertificateError, Facts

LIFE_LEFT = authority.LEAF_DAYS / 3
"""Days: with a third of its life left it is made anew."""


@dataclass(frozen=True)
class Own:
    """One of them. `stem`: its files without .crt and .key; server_host: None for one by which we go elsewhere."""

    name: str
    stem: Path
    common_name: str
    server_host: str | None


@dataclass(frozen=True)
class Looked:
    name: str
    common_name: str
    until: str
    days: int | None
    remark: str

    @property
    def days_said(self) -> str:
        return "-" if self.days is None else str(self.days)


def own(home: Home, told: Configuration) -> list[Own]:
    shelf, registrar = told.shelf_host, told.registrar_host
    return [
        Own("broker", home.broker / "broker", told.broker.host, told.broker.host),
        Own("ingest", home.ingest / "ingest", "ingest", None),
        Own("shelf", home.shelf / "shelf", shelf, shelf),
        Own("registrar", home.registrar / "registrar", registrar, registrar),
    ]


def look(home: Home, told: Configuration) -> list[Looked]:
    """Each with the day it ends, the authority first; what is missing or spoilt says so."""
    ca = _looked("authority", home.authority / "ca.pem")
    if ca.remark == "to be renewed":
        ca = replace(ca, remark="a new clinic's home before then, and every box enrolled in it: --renew cannot")
    return [ca, *(_looked(one.name, one.stem.with_suffix(".crt")) for one in own(home, told))]


def renew(home: Home, told: Configuration, *, everything: bool = False) -> list[str]:
    """Make anew those that are due, missing or spoilt; the names. mosquitto reads its own at SIGHUP."""
    done = []
    for one in own(home, told):
        one.stem.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        before = _facts(one.stem.with_suffix(".crt"))
        least = float("inf") if everything else LIFE_LEFT
        after = authority.renewed(home.authority, one.stem, one.server_host, one.common_name, least)
        if before is None or before.serial != after.serial:
            done.append(one.name)
    if "broker" in done:
        broker.reload(home.broker)
    return done


def _facts(path: Path) -> Facts | None:
    try:
        return authority.facts(path.read_bytes())
    except (OSError, CertificateError):
        return None


def _looked(name: str, path: Path) -> Looked:
    found = _facts(path)
    if found is None:
        return Looked(name, "-", "-", None, f"{path} is missing or cannot be read: --renew")
    until = dt.datetime.fromtimestamp(found.not_after_ms / 1000, dt.UTC)
    days = int((found.not_after_ms - dt.datetime.now(dt.UTC).timestamp() * 1000) // DAY_MS)
    due = found.is_due(round(dt.datetime.now(dt.UTC).timestamp() * 1000))
    return Looked(name, found.common_name, until.date().isoformat(), days, _remark(days, due=due))


def _remark(days: int, *, due: bool) -> str:
    if days < 0:
        return "ended"
    return "to be renewed" if due else ""
