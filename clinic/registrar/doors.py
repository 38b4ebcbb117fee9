"""Closing the broker's door to a box that is revoked: the list of its certificates, its rights, its live connection.

Three locks, because each alone leaves a gap: a broker reads the list at the next connection only; rights are read anew
by a live connection, but it stays open; a connection that is taken over comes back unless the list keeps it out.
"""

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, close_old_connections
from django.db.models import Q, QuerySet

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.fleet import revoked_list
from clinic.fleet.certificates import revoked
from clinic.fleet.models import Device
from clinic.home import Configuration, Home
from mqtt_bridge import broker, rabbitmq
from mqtt_bridge.enrolment import client_id
from mqtt_bridge.mqtt.paho import take_over
from mqtt_bridge.mqtt.port import Address

LOOK_S = 5.0
PROVED_MS = 7 * 24 * 3_600_000
"""A box that has proved to be wiped needs the answer to it, to destroy its keys. Nothing else is taken from it."""
log = logging.getLogger(__name__)


def due(at_ms: int) -> QuerySet[Device]:
    """Revoked boxes whose door is open still, and has to be closed: none of these is to be wiped first."""
    proved = Q(wiped_ms__lt=at_ms - PROVED_MS)
    no_wipe = Q(wipe_asked_ms=None, return_asked_ms=None, wiped_ms=None)
    return Device.objects.filter(proved | no_wipe, closed_ms=None).exclude(revoked_ms=None).order_by("id")


class Doors:
    """What a clinic's broker must know of its boxes. Every turn may be cut off and done again."""

    def __init__(self, home: Home, configuration: Configuration) -> None:
        self._home, self._configuration = home, configuration

    def watch(self) -> None:
        """A thread's work: look for ever, and survive a database or a broker that is away."""
        while True:
            try:
                self.turn()
            except (DatabaseError, OSError):
                log.exception("the broker's door could not be closed; tried again in a moment")
            finally:
                close_old_connections()
            time.sleep(LOOK_S)

    def turn(self) -> list[str]:
        """Close what is to be closed; the boxes. Raises OSError, DatabaseError: tried again by the next turn."""
        with self._alone():
            closing = list(due(now_ms()))
            if not closing and self._is_written():
                return []
            self._write(closing)
            self._reload(closing)
            for device in closing:
                self._end_connection(device)
                Device.objects.filter(pk=device.pk).update(closed_ms=now_ms())
                trail.record("registrar", "write", f"the broker's door is closed to box {device.id}")
            return [device.id for device in closing]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The command line may close a door while the registrar looks."""
        with (self._home.authority / "doors.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _is_written(self) -> bool:
        """Whether the list has what the database has: a home may have been put back."""
        return revoked_list.lists(self._home, [serial for serial, _ in revoked()])

    def _write(self, closing: list[Device]) -> None:
        revoked_list.write(self._home, revoked(closing))
        closed = [*Device.objects.exclude(closed_ms=None).values_list("id", flat=True), *(one.id for one in closing)]
        broker.write_access(self._home.broker, self._configuration.clinic, sorted(set(closed)))

    def _reload(self, closing: list[Device]) -> None:
        if self._configuration.broker.kind == "rabbitmq":
            for device in closing:  # it reads no list of certificates: a name that it does not know opens nothing
                self._refuse(device)
        elif not broker.reload(self._home.broker):
            log.warning("no mosquitto of this home runs here: give it its files and SIGHUP by hand where it runs")

    def _refuse(self, device: Device) -> None:
        try:
            rabbitmq.refuse(self._home.broker / "rabbitmq", device.id)
        except rabbitmq.BrokerAwayError as error:
            log.warning("%s: run `chevet-clinic broker --reload` where RabbitMQ runs", error)

    def _end_connection(self, device: Device) -> None:
        """By another connection under its name, which ours may open; what the broker kept for it goes too."""
        told = self._configuration
        address = Address(
            host=told.broker.host,
            port=told.broker.port,
            client_id=client_id(told.clinic, device.id),
            ca=self._home.broker / "ca.pem",
            certificate=self._home.ingest / "ingest.crt",
            key=self._home.ingest / "ingest.key",
            protocol=told.broker.protocol,
        )
        try:
            take_over(address)
        except OSError as error:
            log.warning("box %s: its connection could not be ended (%s); no broker, no connection", device.id, error)
