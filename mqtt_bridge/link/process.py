"""The link's composition root: in service, then on its way out, each with the parts that it needs around one loop."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mqtt_bridge import departure, enrolment
from mqtt_bridge.clock import Trust, system_clock
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.addresses import Whereabouts
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.equipment import Examiner
from mqtt_bridge.link.equipment import Places as Looked
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.leaving import Leaver, carry_out, is_proved, resumed, write_proof
from mqtt_bridge.link.loop import Link
from mqtt_bridge.link.renewal import Credentials, Renewal
from mqtt_bridge.link.spool_means import Limits, Places
from mqtt_bridge.link.spooling import Spooler
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.mqtt.port import Client, Mailbox
from mqtt_bridge.stopping import Stopping
from mqtt_bridge.systemd import Systemd
from mqtt_bridge.update_told import TESTED

MakeClient = Callable[[enrolment.Enrolment, Mailbox, Credentials], Client]


@dataclass(frozen=True)
class Means:
    """What a link is run with. `ready` is called once the loop is about to begin."""

    folders: Folders
    trust: Trust
    make_client: MakeClient
    ready: Callable[[], None]
    limits: Limits


def run(
    folders: Folders, trust: Trust, make_client: MakeClient, ready: Callable[[], None], limits: Limits | None = None
) -> None:
    """Run until SIGTERM or SIGINT, or until the box has left its clinic and was enrolled anew."""
    os.umask(0o007)
    folders.data.mkdir(parents=True, exist_ok=True)
    folders.run.mkdir(parents=True, exist_ok=True)
    means, stopping = Means(folders, trust, make_client, ready, limits or Limits()), Stopping()
    under_way = resumed(folders.data, folders.enrolment)
    if under_way is None or under_way.phase in departure.IN_SERVICE:
        _serve(means, stopping)
        under_way = departure.read(folders.data)
    if under_way is not None and under_way.phase not in departure.IN_SERVICE and not stopping.asked():
        _leave(means, stopping)


def _serve(means: Means, stopping: Stopping) -> None:
    """In service, until told to stop or to leave."""
    folders, enrolled = means.folders, enrolment.load(means.folders.enrolment)
    store = LinkStore(folders.link_db, folders.bedside_db, enrolled)
    places = Places(folders.bedside_db, folders.spool, folders.packages, updates=folders.updates)
    whereabouts = Whereabouts(enrolled, store)
    spooler = Spooler(replace(enrolled, place=whereabouts()), store, places, means.limits)
    clock = HonestClock(system_clock(means.trust), store.known_time)
    tested = folders.updates / TESTED if folders.updates else None
    looked = Looked(folders.bedside_db, folders.run, enrolled.folder / "box.crt", tested=tested)
    examine = Examiner(looked, store.pending)
    leaver = Leaver(folders.data, folders.kiosk_bell, enrolled, store)
    renewal = Renewal(enrolled, clock, whereabouts)
    client, mailbox = _client(means, enrolled)
    link = Link(LinkEnd(enrolled, store), client, mailbox, folders, clock, spooler, examine)
    link.accepted = renewal.accepted
    link.start(enrolled.place)
    means.ready()
    while not stopping.asked() and not leaver.is_over(clock()):
        link.step(stopping.fileno(), *renewal.filenos())
        if renewal.turn():
            client.reconnect()
    renewal.stop()
    link.stop()
    store.close()


def _client(means: Means, enrolled: enrolment.Enrolment) -> tuple[Client, Mailbox]:
    mailbox = Mailbox()
    return means.make_client(enrolled, mailbox, Credentials(enrolled)), mailbox


def _leave(means: Means, stopping: Stopping) -> None:
    """Carry out the order to leave, from wherever it was cut off."""
    folders, unit = means.folders, Systemd()
    unit.ready()

    def prove(found: departure.Departure) -> bool:
        return _prove(means, stopping, found)

    carry_out(folders.data, folders.enrolment, folders.kiosk_bell, _Watched(stopping, unit), prove)


def _prove(means: Means, stopping: Stopping, found: departure.Departure) -> bool:
    """Tell the clinic that the box is wiped, until it has answered; False: told to stop before."""
    folders, enrolled = means.folders, enrolment.load(means.folders.enrolment)
    store = LinkStore(folders.link_db, folders.bedside_db, enrolled)
    clock = HonestClock(system_clock(means.trust), store.known_time)
    write_proof(store, found, clock)
    client, mailbox = _client(means, enrolled)
    link = Link(LinkEnd(enrolled, store, wiped=True), client, mailbox, folders, clock)
    link.start(enrolled.place)
    means.ready()
    while not stopping.asked() and not is_proved(store):
        link.step(stopping.fileno())
    proved = is_proved(store)
    link.stop()
    store.close()
    return proved


class _Watched:
    """Waiting, while the unit's watchdog is told that we do."""

    def __init__(self, stopping: Stopping, unit: Systemd) -> None:
        self._stopping, self._unit = stopping, unit

    def wait(self, seconds: float) -> bool:
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            self._unit.alive()
            if self._stopping.wait(min(left_s, self._unit.turn_s_max)):
                return True
        return self._stopping.asked()
