"""How a box is, and what a silence means, in the words of staff (B7, X4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from clinic.console.bedside_words import check_said
from clinic.console.templatetags.words import ago, decimal, duration, short_day
from clinic.fleet.heartbeats import contact_of
from clinic.fleet.models import Device, Heartbeat
from clinic.fleet.silence import Silence, reachable

ROOM_MB_MIN, HOT_C, CERTIFICATE_MS_MIN, STARTS_MAX = 64, 80.0, 30 * 86_400_000, 3
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Fact:
    """One thing that a box says of itself; `fine` is False where somebody should look."""

    words: str
    fine: bool = True


def device_state(device: Device, now_ms: int) -> tuple[str, str]:
    """(code, words): whether it can be reached; a silence says nothing of the person (X4)."""
    if device.revoked_ms is not None:
        return "revoked", gettext("révoquée")
    if device.last_seen_ms is None:
        return "never", gettext("jamais entendue")
    if reachable(contact_of(device, 0), now_ms):
        return "alive", gettext("en marche")
    return "silent", gettext("injoignable")


def silence_said(found: Silence | None, now_ms: int) -> str:
    """What the silence of a person means; empty where there is none to tell apart."""
    if found is None or found.kind == "nothing-asked":
        return ""
    when = ago(found.since_ms, now_ms) if found.since_ms is not None else ""
    words = {
        "never-heard": gettext("Boîte jamais entendue\u00a0: on ne sait rien de la personne."),
        "unreachable": gettext("Boîte injoignable, dernier contact %(when)s. Cela ne dit rien de la personne."),
        "on-the-way": gettext("Boîte en marche\u00a0: elle a encore des envois à faire, attendez-les."),
        "no-answer": gettext("Boîte en marche, pas de réponse\u00a0: «\u00a0%(what)s\u00a0» attend %(since)s."),
        "declined": gettext("La personne a choisi de ne pas répondre à «\u00a0%(what)s\u00a0», %(when)s."),
        "answered": gettext("Dernière réponse %(when)s\u00a0: «\u00a0%(what)s\u00a0»."),
    }
    since = gettext("depuis %(time)s") % {"time": _since(found.since_ms, now_ms)} if found.since_ms else ""
    return words[found.kind] % {"when": when, "what": found.what, "since": since}


def _since(then_ms: int, now_ms: int) -> str:
    """« 5 min », « 3 h », « 2 jours »."""
    days = max(0, now_ms - then_ms) // 86_400_000
    if days:
        return ngettext("%(n)s jour", "%(n)s jours", days) % {"n": days}
    return duration(max(60, (now_ms - then_ms) // 60_000 * 60))


def equipment_said(heartbeat: Heartbeat | None, starts: int, now_ms: int) -> list[Fact]:
    """What the box said of itself last; what is well is said too, where staff would ask."""
    return list(_facts(heartbeat, starts, now_ms)) if heartbeat is not None else []


def _facts(told: Heartbeat, starts: int, now_ms: int) -> Iterator[Fact]:
    yield _clock(told)
    if told.free_mb is not None:
        room = gettext("%(n)s Go libres") % {"n": decimal(told.free_mb / 1000)}
        yield Fact(room, told.free_mb >= ROOM_MB_MIN)
    if told.temperature_c is not None:
        yield Fact(f"{decimal(told.temperature_c)}{NBSP}°C", told.temperature_c < HOT_C)
    if told.kiosk is False:
        yield Fact(gettext("l’écran ne tourne pas"), fine=False)
    if told.player is False:
        yield Fact(gettext("le lecteur de son ne répond pas"), fine=False)
    yield from _tested(told)
    if told.certificate_ms is not None:
        until = gettext("certificat jusqu’au %(day)s") % {"day": short_day(told.certificate_ms)}
        yield Fact(until, told.certificate_ms - now_ms >= CERTIFICATE_MS_MIN)
    if starts:
        yield Fact(ngettext("%(n)s redémarrage en un jour", "%(n)s redémarrages en un jour", starts) % {"n": starts},
                   starts <= STARTS_MAX)  # fmt: skip


def _clock(told: Heartbeat) -> Fact:
    if told.machine_off_ms is not None:
        off = duration(abs(told.machine_off_ms) // 1000)
        late = gettext("à l’heure de la clinique\u00a0: son horloge retarde de %(time)s")
        early = gettext("à l’heure de la clinique\u00a0: son horloge avance de %(time)s")
        return Fact((late if told.machine_off_ms < 0 else early) % {"time": off})
    return Fact(gettext("sûre de l’heure")) if told.trusted else Fact(gettext("pas sûre de l’heure"), fine=False)


def _tested(told: Heartbeat) -> Iterator[Fact]:
    """Sound and button first of all: without them there is no care. Then by what kind of key the memory opens."""
    for name in ("sound", "button"):
        if name in told.tested_fine:
            yield Fact(gettext("%(check)s\u00a0: bon") % {"check": check_said(name)})
    for name in told.tested_fine:
        if name.startswith("key-"):
            yield Fact(gettext("%(check)s\u00a0: bon") % {"check": check_said(name)})
    for name in told.tested_failed:
        yield Fact(gettext("%(check)s\u00a0: à voir") % {"check": check_said(name)}, fine=False)
