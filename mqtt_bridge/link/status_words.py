"""`chevet-link status` in words, French and English: what waits, since when, and what to do about it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mqtt_bridge.contract.report import ALERT, CALL, CARE, HEALTH
from mqtt_bridge.link.status import Clock, Level, PackageStatus, Status

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
SOON_MS = 30 * DAY_S * 1000


@dataclass(frozen=True)
class Said:
    """One language. Each sentence names what it is given."""

    unreadable: dict[str, str]
    """By the file's name; `why` is SQLite's own word."""
    pending: str
    in_record: str
    held: str
    orders: str
    ledger: str
    never: str
    answered: str
    unsure_then: str
    calls_first: str
    oldest: str
    arrived: str
    under_way: str
    stopped: str
    stopped_connected: str
    runs: str
    connected: str
    away: str
    trusted: str
    told: str
    untrusted: str
    off: str
    certificate: str
    soon: str
    over: str
    levels: dict[int, str]
    units: tuple[str, str, str, str]
    ahead: str
    behind: str
    received: str
    to_remove: str
    paused: str
    stages: dict[str, str]


ENGLISH = Said(
    unreadable={
        "bedside.db": "bedside.db cannot be read ({why}): what waits in it is not known, and not counted here; "
        "copy the data folder before anything else",
        "link.db": "link.db cannot be read ({why}): what the clinic has is not known, all counts as waiting; "
        "the link puts a damaged one aside at its next start, and the clinic fills it again",
    },
    pending="{n} report(s) not yet in the clinic's record",
    in_record="{n} in the record, kept here for thirty days",
    held="{n} arrived and not yet readable",
    orders="{n} order(s) from the clinic",
    ledger="the clinic's ledger is {ledger}",
    never="the clinic has never answered",
    answered="it last answered on {at} by the box's clock",
    unsure_then=", which was not trusted",
    calls_first="; it reads calls for help first",
    oldest="the oldest for {age}",
    arrived="the first by {first}, the last by {last}, by the clinic's time",
    under_way="of these {given} are on the way to the broker, {confirmed} more at the broker: stored nowhere yet",
    stopped="the link does not run: nothing leaves; systemctl status chevet-link",
    stopped_connected="the link was killed, or its machine was: nothing leaves; systemctl status chevet-link",
    runs="the link runs; with --run FOLDER its connection is told too",
    connected="the link runs, connected to the broker for {age}",
    away="the link runs, without a broker for {age}: {reason}",
    trusted="the clock is sure: {at}",
    told="the clock is the clinic's time, {at}: the machine's own is {off}",
    untrusted="the clock is not sure: it says {at}; it is {surely} or later",
    off="{age} {way}",
    certificate="the certificate ends on {day}",
    soon=", soon: it is renewed when the clinic can be reached",
    over=", it is over: the clinic's registrar renews it when it is reached; if there is none, enrol the box again",
    levels={CALL: "of help", ALERT: "of alert", CARE: "of care", HEALTH: "of the box"},
    units=("{n} s", "{n} min", "{n} h", "{n} day(s)"),
    ahead="ahead",
    behind="behind",
    received="{n} % received",
    to_remove="to be removed",
    paused="paused during the care",
    stages={},
)
FRENCH = Said(
    unreadable={
        "bedside.db": "bedside.db ne se lit pas ({why}) : ce qui y attend n’est pas connu, ni compté ici ; "
        "copiez le dossier des données avant toute autre chose",
        "link.db": "link.db ne se lit pas ({why}) : ce que la clinique a n’est pas connu, tout compte comme en attente "
        "; la liaison met de côté un fichier abîmé à son prochain départ, et la clinique le remplit de nouveau",
    },
    pending="{n} envoi(s) pas encore au dossier de la clinique",
    in_record="{n} au dossier, gardés ici trente jours",
    held="{n} arrivés, pas encore lisibles",
    orders="{n} ordre(s) de la clinique",
    ledger="le registre de la clinique est {ledger}",
    never="la clinique n’a jamais répondu",
    answered="elle a répondu le {at} pour la dernière fois, à l’heure de la boîte",
    unsure_then=", qui n’était pas sûre",
    calls_first=" ; elle lit d’abord les appels à l’aide",
    oldest="le plus ancien depuis {age}",
    arrived="le premier au plus tard le {first}, le dernier le {last}, à l’heure de la clinique",
    under_way="dont {given} en route vers le serveur, {confirmed} autres chez lui : pas encore enregistrés",
    stopped="la liaison ne tourne pas : rien ne part ; systemctl status chevet-link",
    stopped_connected="la liaison a été tuée, ou sa machine coupée : rien ne part ; systemctl status chevet-link",
    runs="la liaison tourne ; avec --run DOSSIER, sa connexion est dite aussi",
    connected="la liaison tourne, connectée au serveur depuis {age}",
    away="la liaison tourne, sans serveur depuis {age} : {reason}",
    trusted="l’heure est sûre : {at}",
    told="l’heure est celle de la clinique, {at} : l’horloge de la machine {off}",
    untrusted="l’heure n’est pas sûre : l’horloge dit {at} ; il est au moins {surely}",
    off="{way} de {age}",
    certificate="le certificat finit le {day}",
    soon=", bientôt : il est renouvelé dès que la clinique est jointe",
    over=", il est fini : la clinique le renouvelle dès qu’elle est jointe ; à défaut, inscrivez la boîte de nouveau",
    levels={CALL: "d’aide", ALERT: "d’alerte", CARE: "de soin", HEALTH: "de la boîte"},
    units=("{n} s", "{n} min", "{n} h", "{n} jour(s)"),
    ahead="avance",
    behind="retarde",
    received="{n} % reçus",
    to_remove="à retirer",
    paused="en pause pendant le soin",
    stages={"installed": "installée", "refused": "refusée", "failed": "échec", "removed": "retirée"},
)
_SAID: dict[Language, Said] = {"fr": FRENCH, "en": ENGLISH}


def in_words(status: Status, language: Language = "en") -> str:
    """Every line of it, the most pressing first."""
    said = _SAID[language]
    lines = [
        *(said.unreadable[name].format(why=why) for name, why in status.unreadable.items()),
        said.pending.format(n=status.pending) + _by_level(status.levels, said),
        *_under_way(status, said),
        said.in_record.format(n=status.in_record) + _in_record_since(status.levels, said),
        said.held.format(n=status.held) + _held_since(status.levels, said),
        said.orders.format(n=status.orders),
        *_ledger(status, said),
        *_answered(status, said),
        _link(status, said),
        *_clock(status.clock, said),
        *_certificate(status, said),
        *(_package(one, said) for one in status.packages),
    ]
    return _spaced("\n".join(lines)) if language == "fr" else "\n".join(lines)


def _spaced(words: str) -> str:
    """French typography: no line begins with a colon or a semicolon."""
    return words.replace(" :", "\N{NO-BREAK SPACE}:").replace(" ;", "\N{NARROW NO-BREAK SPACE};")


def _by_level(levels: tuple[Level, ...], said: Said) -> str:
    """« : 1 of help (the oldest for 2 h), 12 of care », those of which something waits."""
    waiting = [_level(one, said) for one in levels if one.pending]
    return f": {', '.join(waiting)}" if waiting else ""


def _held_since(levels: tuple[Level, ...], said: Said) -> str:
    """« (the oldest for 2 days) », over all priorities: who reads it rings the clinic, whatever it is about."""
    ages = [one.held_oldest_s for one in levels if one.held_oldest_s is not None]
    return f" ({said.oldest.format(age=_age(max(ages), said))})" if ages else ""


def _in_record_since(levels: tuple[Level, ...], said: Said) -> str:
    """« (the first by 2026-11-02T…, the last by …) », over all priorities; nothing where no time is known."""
    first = [one.in_record_first_ms for one in levels if one.in_record_first_ms is not None]
    last = [one.in_record_last_ms for one in levels if one.in_record_last_ms is not None]
    return f" ({said.arrived.format(first=_at(min(first)), last=_at(max(last)))})" if first and last else ""


def _level(one: Level, said: Said) -> str:
    words = f"{one.pending} {said.levels.get(one.priority, one.priority)}"
    return words if one.oldest_s is None else f"{words} ({said.oldest.format(age=_age(one.oldest_s, said))})"


def _under_way(status: Status, said: Said) -> Iterator[str]:
    now = status.link
    if status.runs and now is not None and now.connected and (now.given or now.confirmed):
        yield said.under_way.format(given=now.given, confirmed=now.confirmed)


def _ledger(status: Status, said: Said) -> Iterator[str]:
    if status.ledger:
        yield said.ledger.format(ledger=status.ledger)
    elif "link.db" not in status.unreadable:
        yield said.never


def _answered(status: Status, said: Said) -> Iterator[str]:
    if status.answered is not None:
        unsure = "" if status.answered.trusted else said.unsure_then
        first = said.calls_first if status.calls_first else ""
        yield said.answered.format(at=_at(status.answered.wall_ms)) + unsure + first


def _link(status: Status, said: Said) -> str:
    now = status.link
    if not status.runs:
        return said.stopped if now is None else said.stopped_connected
    if now is None:
        return said.runs
    since_s = max(0, now.at.monotonic_ms - now.since.monotonic_ms) // 1000
    if status.clock is not None and status.clock.now.boot == now.since.boot:
        since_s = max(0, status.clock.now.monotonic_ms - now.since.monotonic_ms) // 1000
    age = _age(since_s, said)
    return said.connected.format(age=age) if now.connected else said.away.format(age=age, reason=now.reason or "—")


def _clock(clock: Clock | None, said: Said) -> Iterator[str]:
    if clock is None:
        return
    now = clock.now
    if not now.trusted:
        yield said.untrusted.format(at=_at(now.wall_ms), surely=_at(clock.surely_ms))
    elif now.machine_ms is not None:
        yield said.told.format(at=_at(now.wall_ms), off=_off(now.machine_ms - now.wall_ms, said))
    else:
        yield said.trusted.format(at=_at(now.wall_ms))


def _off(off_ms: int, said: Said) -> str:
    return said.off.format(age=_age(abs(off_ms) // 1000, said), way=said.ahead if off_ms > 0 else said.behind)


def _certificate(status: Status, said: Said) -> Iterator[str]:
    ends_ms = status.certificate_ms
    if ends_ms is None:
        return
    now_ms = status.clock.now.wall_ms if status.clock and status.clock.now.trusted else 0
    near = said.over if now_ms >= ends_ms else said.soon if now_ms >= ends_ms - SOON_MS else ""
    yield said.certificate.format(day=_at(ends_ms)[:10]) + near


def _package(told: PackageStatus, said: Said) -> str:
    """« package riviere 1.2 «Rivière»: 43 % received, paused during the care »."""
    name = f"package {told.id} {told.version} «{told.title}»" if told.title else f"package {told.id}"
    share = 100 * told.received_bytes // told.size_bytes if told.size_bytes else None
    received = "" if share is None else said.received.format(n=share)
    stage = {"offered": received, "withdrawn": said.to_remove}.get(told.stage, said.stages.get(told.stage, told.stage))
    waiting = said.paused if told.paused else ""
    return f"{name}: {', '.join(word for word in (stage, waiting, told.reason) if word)}"


def _age(seconds: int, said: Said) -> str:
    """In the largest unit of which there are two at least."""
    for unit_s, words in zip((DAY_S, HOUR_S, MINUTE_S), said.units[:0:-1], strict=True):
        if seconds >= 2 * unit_s:
            return words.format(n=seconds // unit_s)
    return said.units[0].format(n=seconds)


def _at(wall_ms: int) -> str:
    """In UTC, to the second. A clock may say anything."""
    try:
        return dt.datetime.fromtimestamp(wall_ms / 1000, dt.UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{wall_ms} ms"
