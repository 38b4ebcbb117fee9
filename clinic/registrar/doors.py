"""Closing the broker's door to a box that is revoked: the list of its certificates, its rights, its live connection.

Three locks, because each alone leaves a gap: a broker reads the list at the next connection only; rights are read anew
by a live connection, but it stays open; a connection that is taken over comes back unless the list keeps it out.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.fleet import revoked_list
from clinic.fleet.certificates import revoked
from clinic.fleet.models import Device
from clinic.fleet.open_doors import due, note_closed, open_to
from clinic.home import Configuration, Home
from mqtt_bridge import broker, rabbitmq
from mqtt_bridge.enrolment import client_id
from mqtt_bridge.mqtt.paho import take_over
from mqtt_bridge.mqtt.port import Address

log = logging.getLogger(__name__)


class NotReachedError(OSError):
    """The broker could not be told. Whoever is to be kept out may still come in there; the message says what to do."""


class Doors:
    """What a clinic's broker must know of its boxes. Every turn may be cut off and done again."""

    def __init__(self, home: Home, configuration: Configuration) -> None:
        self._home, self._configuration = home, configuration
        self._let_in: list[str] | None = None
        """Of RabbitMQ, which must be told of each box: whom we have told it last."""

    def turn(self) -> list[str]:
        """Close what is to be closed; the boxes, which the broker refuses when this returns.

        Raises OSError (NotReachedError among them), DatabaseError, ValueError: tried again by the next turn.
        """
        with self._alone():
            closing = list(due(now_ms()))
            if not closing and self._is_told():
                return []
            self._write(closing)
            self._tell()
            for device in closing:
                self._end_connection(device)
                note_closed([device])
                trail.record("registrar", "write", f"the broker's door is closed to box {device.id}")
            return [device.id for device in closing]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The command line may close a door while the registrar looks, and under another account."""
        lock = os.open(self._home.authority / "doors.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @property
    def _is_rabbitmq(self) -> bool:
        return self._configuration.broker.kind == "rabbitmq"

    def _is_told(self) -> bool:
        """Whether the list has what the database has: a home may have been put back. RabbitMQ is told of new boxes."""
        if self._is_rabbitmq and self._let_in != open_to(now_ms()):
            return False
        return revoked_list.lists(self._home, [serial for serial, _ in revoked()])

    def _write(self, closing: list[Device]) -> None:
        revoked_list.write(self._home, revoked(closing))
        closed = [*Device.objects.exclude(closed_ms=None).values_list("id", flat=True), *(one.id for one in closing)]
        broker.write_access(self._home.broker, self._configuration.clinic, sorted(set(closed)))

    def _tell(self) -> None:
        """Raises NotReachedError, ContractError (a name that RabbitMQ cannot carry)."""
        if self._is_rabbitmq:  # it reads no list of certificates: a name that it does not know opens nothing
            self._tell_rabbitmq()
        elif not broker.reload(self._home.broker):
            raise NotReachedError(
                "no mosquitto of this home runs here. Where it runs on another machine, bring it broker/revoked.pem "
                "and broker/acl, send it SIGHUP, then note it: chevet-clinic broker --reload --by-hand"
            )

    def _tell_rabbitmq(self) -> None:
        told, boxes = self._configuration, open_to(now_ms())
        made = rabbitmq.write_rabbitmq(self._home.broker, told.clinic, told.broker.host, told.broker.port, boxes)
        try:
            rabbitmq.let_in(made, boxes)
        except rabbitmq.BrokerAwayError as error:
            raise NotReachedError(
                f"{error}. Where RabbitMQ runs on another machine: chevet-clinic broker --reload there"
            ) from error
        self._let_in = boxes

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
