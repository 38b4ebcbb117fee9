"""paho's door. One paho client for each connection, so that nothing stays in its memory that is not in our database.

paho 2.x keeps unacknowledged messages in its own queue and sends them again by itself; with a window of our own that
would be a second, invisible outbox. Its callbacks only enqueue: an exception in one would end its network thread.
"""

import logging
import random
import socket
import threading
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Event, Mailbox, NotConnected, Sent, Will
from mqtt_bridge.tls import client_context

RETRY_S_MIN, RETRY_S_MAX = 0.25, 60.0
CONNECT_S_MAX = 15.0
SESSION_EXPIRY_S = 24 * 3600
NOT_SENT_REASONS_FROM = 0x80
NO_MATCHING_SUBSCRIBERS = 0x10
PACKET_BYTES_MAX = 512 * 1024
"""Nothing larger is read: our letters have 256 KiB at most, MQTT allows 256 MiB, which paho would gather in memory."""
UNSETTLED_SPARE = 64
"""Read ahead beyond twice the window that we gave the broker; then reading waits until the house has settled some.

Debian's mosquitto (2.0.11) sends a whole queue at once when a session is taken up again, whatever window it was
given."""
ROOM_S_MAX = 0.05
_PUBLISH, _QOS, _QOS_2 = 0x30, 0x06, 0x04
_GENERATION = 1 << 20
"""Above every MQTT packet id: tickets and tokens of different connections never meet."""

log = logging.getLogger(__name__)


class BrokerLiesError(ConnectionError):
    """A broker that does what no broker may: the connection is ended, and tried again ever more slowly."""


class _Strict(Client):
    """paho's client with limits, whose thread does not end unseen.

    paho 2.1 gathers whatever length a packet announces, keeps QoS 2 messages without a limit, and lets its thread die
    of bytes that it cannot read: then nobody is told, and nothing is carried any more.
    """

    def __init__(self, *words: Any, ended: Callable[[str], None], room: "_Room", **more: Any) -> None:
        super().__init__(*words, **more)
        self._ended, self._room = ended, room

    def _packet_read(self) -> MQTTErrorCode:
        """While there is no room nothing is read; what we send, and the pings, go on."""
        return super()._packet_read() if self._room.comes() else MQTTErrorCode.MQTT_ERR_AGAIN

    def _sock_recv(self, bufsize: int) -> bytes:
        length, command = self._in_packet["remaining_length"], self._in_packet["command"]
        if length > PACKET_BYTES_MAX:
            raise BrokerLiesError(f"a packet of {length} bytes: at most {PACKET_BYTES_MAX} are read")
        if command & 0xF0 == _PUBLISH and command & _QOS == _QOS_2:
            raise BrokerLiesError("a message at QoS 2, which nobody has asked for")
        return super()._sock_recv(bufsize)

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:  # noqa: FBT001, FBT002  # paho's own
        try:
            return super().loop_forever(timeout, retry_first_connection)
        except Exception as error:  # whatever bytes came: the connection is over, and the house must know
            log.exception("the broker sent what cannot be taken")
            self._ended(f"{type(error).__name__}: {error}")
            return MQTTErrorCode.MQTT_ERR_PROTOCOL


class _Room:
    """How many messages of a connection the house has not settled, and whether one more may be read."""

    def __init__(self, most: int) -> None:
        self._most, self._unsettled, self._changed = most, 0, threading.Condition()

    def comes(self) -> bool:
        """In paho's thread: whether there is room now, or within a moment."""
        with self._changed:
            return self._changed.wait_for(lambda: self._unsettled < self._most, ROOM_S_MAX)

    def took(self) -> None:
        with self._changed:
            self._unsettled += 1

    def settled(self) -> None:
        with self._changed:
            self._unsettled -= 1
            self._changed.notify()


class PahoClient:
    """The port `mqtt.port.Client` on paho. Its thread connects, waits for the end, and tries again."""

    def __init__(self, address: Address | Callable[[], Address], mailbox: Mailbox) -> None:
        """`address` may be asked anew for each connection: certificates are renewed."""
        self._address_of = address if callable(address) else lambda: address
        self._address, self._mailbox = self._address_of(), mailbox
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._held = threading.Lock()
        """Of `_client`, `_generation` and `_room`: what is said to a connection is said while its sockets are open."""
        self._client: Client | None = None
        self._generation = 0
        self._room = self._new_room()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self._subscriptions: tuple[str, ...] = ()
        self._will: Will | None = None

    def start(self, subscriptions: tuple[str, ...], will: Will | None) -> None:
        self._subscriptions, self._will = subscriptions, will
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self.reconnect()
        self._thread.join(CONNECT_S_MAX)

    def reconnect(self) -> None:
        """End the connection and begin another: with the pair that is to be used now."""
        with self._held:
            if self._client is None or self._client.disconnect() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._over.set()  # there is nothing that would end by itself, or it is being made

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        with self._held:
            if self._client is None or not self._client.is_connected():
                raise NotConnected("no broker")
            info = self._client.publish(topic, payload, qos=1, retain=retain)
            if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise NotConnected(f"not given to the broker: {info.rc.name}")
            return self._generation * _GENERATION + info.mid

    def settle(self, token: int) -> None:
        with self._held:
            if self._client is not None and token // _GENERATION == self._generation:
                self._room.settled()
                if token % _GENERATION:  # a message at QoS 0 has no number, and to acknowledge it would be a fault
                    self._client.ack(token % _GENERATION, 1)

    def _run(self) -> None:
        retry_s = RETRY_S_MIN
        while not self._stopping.is_set():
            was_connected = self._one_connection()
            retry_s = RETRY_S_MIN if was_connected else min(retry_s * 2, RETRY_S_MAX)
            # Jitter: a thousand boxes must not knock together when a broker comes back.
            self._stopping.wait(retry_s * random.uniform(0.5, 1.0))  # noqa: S311  # not a secret

    def _one_connection(self) -> bool:
        """Connect and stay until it ends; whether the broker ever accepted us."""
        self._over.clear()
        if self._stopping.is_set():  # it was said before the line above: nothing would end what begins now
            return False
        accepted, broken = _Flag(), _Flag()

        def ended(reason: str) -> None:
            broken.up = True
            self._put(Disconnected(reason))
            self._over.set()

        try:
            self._begin(ended, accepted)
        except (OSError, ValueError) as error:
            self._put(Disconnected(f"{type(error).__name__}: {error}"))
            return False
        self._over.wait()
        self._end()
        return accepted.up and not broken.up

    def _begin(self, ended: Callable[[str], None], accepted: "_Flag") -> None:
        """Raises OSError, ValueError: nobody there, or not who we trust; or our own certificates cannot be read."""
        self._address = self._address_of()
        room, generation = self._new_room(), self._generation + 1
        client = self._make(ended, room)
        self._listen(client, generation, room, accepted)
        try:
            self._connect(client)
        except (OSError, ValueError):
            _close(client)
            raise
        with self._held:
            if self._over.is_set():  # we were told to end while it was being made
                _close(client)
                return
            self._client, self._generation, self._room = client, generation, room
            client.loop_start()

    def _end(self) -> None:
        """Paho's thread first, then, once nobody can be speaking to it, its sockets."""
        if self._client is not None:
            self._client.loop_stop()
            with self._held:
                _close(self._client)
                self._client = None

    def _make(self, ended: Callable[[str], None], room: _Room) -> Client:
        address, v5 = self._address, self._address.protocol == 5
        client = _Strict(
            CallbackAPIVersion.VERSION2,
            client_id=address.client_id,
            clean_session=None if v5 else False,
            protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
            ended=ended,
            room=room,
        )
        client.connect_timeout = CONNECT_S_MAX
        client.max_inflight_messages_set(address.receive_max)
        client.tls_set_context(client_context(address.ca, address.certificate, address.key))
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        return client

    def _connect(self, client: Client) -> None:
        address = self._address
        if address.protocol != 5:
            client.connect(address.host, address.port, address.keepalive_s)
            return
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = address.receive_max
        properties.MaximumPacketSize = PACKET_BYTES_MAX
        client.connect(address.host, address.port, address.keepalive_s, clean_start=False, properties=properties)

    def _listen(self, client: Client, generation: int, room: _Room, accepted: "_Flag") -> None:
        certificate = self._address.certificate

        def on_connect(_c: Client, _u: Any, _f: ConnectFlags, reason: ReasonCode, _p: Properties | None) -> None:
            if reason.is_failure:
                self._put(Disconnected(f"refused: {reason}"))
                self._over.set()
                return
            client.subscribe([(name, 1) for name in self._subscriptions])

        def on_subscribe(_c: Client, _u: Any, _m: int, reasons: list[ReasonCode], _p: Properties | None) -> None:
            refused = [str(r) for r in reasons if r.is_failure]
            if refused:
                self._put(Disconnected(f"subscription refused: {', '.join(refused)}"))
                client.disconnect()
                return
            accepted.up = True
            self._put(Connected(certificate))

        def on_disconnect(_c: Client, _u: Any, _f: DisconnectFlags, reason: ReasonCode, _p: Properties | None) -> None:
            self._put(Disconnected(str(reason)))
            self._over.set()

        def on_message(_c: Client, _u: Any, message: MQTTMessage) -> None:
            room.took()
            token = generation * _GENERATION + message.mid
            self._put(Delivered(message.topic, bytes(message.payload), message.retain, token))

        def on_publish(_c: Client, _u: Any, mid: int, reason: ReasonCode, _p: Properties | None) -> None:
            fine = reason.value < NOT_SENT_REASONS_FROM and reason.value != NO_MATCHING_SUBSCRIBERS
            self._put(Sent(generation * _GENERATION + mid, fine, "" if fine else str(reason)))

        def on_socket_open(_c: Client, _u: Any, sock: Any) -> None:
            # Ours and the broker's: else a small letter waits 40 ms for the acknowledgement of the one before.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        client.on_socket_open = on_socket_open
        client.on_connect, client.on_subscribe, client.on_disconnect = on_connect, on_subscribe, on_disconnect
        client.on_message, client.on_publish = on_message, on_publish

    def _new_room(self) -> _Room:
        return _Room(2 * self._address.receive_max + UNSETTLED_SPARE)

    def _put(self, event: Event) -> None:
        self._mailbox.put(event)


def take_over(address: Address) -> None:
    """Connect under this client id and leave: whoever had it is out, and what the broker kept for it is gone.

    Raises OSError: no broker, or it refused us.
    """
    over = threading.Event()
    answers: list[ReasonCode] = []

    def on_connect(_c: Client, _u: Any, _f: ConnectFlags, reason: ReasonCode, _p: Properties | None) -> None:
        answers.append(reason)
        over.set()

    def on_disconnect(_c: Client, _u: Any, _f: DisconnectFlags, _r: ReasonCode, _p: Properties | None) -> None:
        over.set()

    v5 = address.protocol == MQTTProtocolVersion.MQTTv5
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=address.client_id,
        clean_session=None if v5 else True,
        protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_S_MAX
    client.tls_set_context(client_context(address.ca, address.certificate, address.key))
    client.on_connect, client.on_disconnect = on_connect, on_disconnect
    try:
        fresh = True if v5 else MQTT_CLEAN_START_FIRST_ONLY
        client.connect(address.host, address.port, address.keepalive_s, clean_start=fresh)
        client.loop_start()
        if not over.wait(CONNECT_S_MAX) or not answers or answers[0].is_failure:
            raise ConnectionRefusedError(f"the broker did not take us: {answers[0] if answers else 'no answer'}")
    finally:
        client.disconnect()
        client.loop_stop()
        _close(client)


def _close(client: Client) -> None:
    """Its connection, and the pair of sockets that wakes its thread: paho closes those only when it is collected."""
    client._reset_sockets()  # noqa: SLF001  # there is no other way


class _Flag:
    """Whether this connection was ever accepted."""

    def __init__(self) -> None:
        self.up = False
