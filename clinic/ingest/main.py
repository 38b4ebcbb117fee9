"""The composition root of the ingest process: every part is made here, and put away in the opposite order."""

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db.backends.signals import connection_created

from clinic.bells import bell_of
from clinic.databases import told
from clinic.errors import HomeError
from clinic.home import Configuration, Home
from clinic.ingest.peers import Leases, Nobody, hold_nobody_up
from clinic.ingest.place import Place
from clinic.ingest.process import BATCH_MAX, DatabaseAway, Ingest, Limits, Parts, Peers
from clinic.ingest.store import DjangoStore
from clinic.ingest.urgent import Urgent
from clinic.plans.orders import Pen
from clinic.results.progress import reckon_one
from mqtt_bridge.bell import Bell
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Mailbox
from mqtt_bridge.seal import load_secret
from mqtt_bridge.stopping import Stopping
from mqtt_bridge.systemd import Systemd

EX_TEMPFAIL = 75
WORK_MS_MAX = 100.0
"""Of a batch where it locks no more than its own rows: an answer waits no longer."""
KEEPALIVE_S, SHARED_KEEPALIVE_S = 30, 10
"""A connection that is dead unnoticed is found within twice as long: where boxes are shared, they wait meanwhile."""

log = logging.getLogger(__name__)


def address_of(home: Home, configuration: Configuration, client_id: str) -> Address:
    broker = configuration.broker
    return Address(
        host=broker.host,
        port=broker.port,
        client_id=client_id,
        ca=home.broker / "ca.pem",
        certificate=home.ingest / "ingest.crt",
        key=home.ingest / "ingest.key",
        protocol=broker.protocol,
        keepalive_s=KEEPALIVE_S if _is_sqlite() else SHARED_KEEPALIVE_S,
        receive_max=BATCH_MAX,
    )


def run(home: Home, say: Callable[[str], None], make_end: type[ClinicEnd] = ClinicEnd) -> int:
    """Run until SIGTERM; 0, or 75 when the database stayed away (systemd starts it again).

    make_end: the bench puts a clinic of another age in its place.
    """
    configuration = home.configuration()
    keys = load_secret(home.clinic_keys)
    log.info("database: %s", told(settings.DATABASES["default"]))
    connection_created.connect(hold_nobody_up)
    stopping, place, mailbox = Stopping(), Place.take(home), Mailbox()
    store = DjangoStore(Pen(configuration.clinic, keys))
    bell, client_id = _bell(bell_of(home, place.number)), place.client_id(configuration.clinic)
    broker, peers = configuration.broker, _peers(client_id)
    urgent = _urgent(home, configuration, place.urgent_id(configuration.clinic), peers)
    unit = Systemd()

    def on_ready() -> None:
        say(f"ingest: ready, clinic {configuration.clinic}, broker {broker.host}:{broker.port}")
        unit.ready()

    parts = Parts(
        end=make_end(configuration.clinic, keys, store, urgent.stands),
        store=store,
        client=PahoClient(address_of(home, configuration, client_id), mailbox),
        mailbox=mailbox,
        bell=bell,
        stopping=stopping,
        on_ready=on_ready,
        spare=reckon_one,
        peers=peers,
        unit=unit,
        urgent=urgent,
    )
    try:
        Ingest(configuration.clinic, parts, _limits()).run()
    except DatabaseAway as error:
        log.error("%s", error)  # noqa: TRY400  # one line for staff; the trace says nothing more
        return 0 if stopping.asked() else EX_TEMPFAIL
    finally:
        bell.close()
        place.close()
    return 0


def _urgent(home: Home, configuration: Configuration, client_id: str, peers: Peers) -> Urgent:
    mailbox = Mailbox()
    client = PahoClient(address_of(home, configuration, client_id), mailbox)
    return Urgent(configuration.clinic, client_id, client, mailbox, peers.is_mine)


def _bell(path: Path) -> Bell:
    try:
        return Bell(path)
    except OSError as error:
        raise HomeError(f"{path}: {error}; the home must be writable, and its path under 100 bytes") from error


def _limits() -> Limits:
    """Only SQLite's single write lock has to be given up soon, and for a while."""
    return Limits() if _is_sqlite() else Limits(lock_ms_max=WORK_MS_MAX, pause_ms=0)


def _peers(name: str) -> Peers:
    """SQLite's one lock leaves nothing to share; several processes there each take everything."""
    return Nobody() if _is_sqlite() else Leases(name)


def _is_sqlite() -> bool:
    return bool(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))
