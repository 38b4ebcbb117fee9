"""The composition root of the ingest process: every part is made here, and put away in the opposite order."""

import logging
from collections.abc import Callable

from django.conf import settings

from clinic.databases import told
from clinic.home import Configuration, Home
from clinic.ingest.bell import Bell
from clinic.ingest.process import DatabaseAway, Ingest, Limits
from clinic.ingest.store import DjangoStore
from clinic.ingest.waiting import Waiting, WakingMailbox
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address
from mqtt_bridge.seal import load_secret

EX_TEMPFAIL = 75

log = logging.getLogger(__name__)


def address_of(home: Home, configuration: Configuration) -> Address:
    broker = configuration.broker
    return Address(
        host=broker.host,
        port=broker.port,
        client_id=f"chevet-{configuration.clinic}-ingest",
        ca=home.broker / "ca.pem",
        certificate=home.ingest / "ingest.crt",
        key=home.ingest / "ingest.key",
        protocol=broker.protocol,
    )


def run(home: Home, say: Callable[[str], None]) -> int:
    """Run until SIGTERM; 0, or 75 when the database stayed away (systemd starts it again)."""
    configuration = home.configuration()
    keys = load_secret(home.clinic_keys)
    log.info("database: %s", told(settings.DATABASES["default"]))
    store, mailbox, bell = DjangoStore(), WakingMailbox(), Bell(home.bell)
    waiting = Waiting(mailbox, bell)
    waiting.stop_on_signals()
    client = PahoClient(address_of(home, configuration), mailbox)
    broker = f"{configuration.broker.host}:{configuration.broker.port}"
    end = ClinicEnd(configuration.clinic, keys, store)
    ready = f"ingest: ready, clinic {configuration.clinic}, broker {broker}"
    ingest = Ingest(configuration.clinic, end, store, client, mailbox, waiting, lambda: say(ready), _limits())
    try:
        ingest.run()
    except DatabaseAway as error:
        log.error("%s", error)  # noqa: TRY400  # one line for staff; the trace says nothing more
        return 0 if waiting.stopping else EX_TEMPFAIL
    finally:
        waiting.close()
        bell.close()
        mailbox.close()
    return 0


def _limits() -> Limits:
    """Only SQLite's single write lock has to be given up between batches."""
    return Limits() if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else Limits(pause_ms=0)
