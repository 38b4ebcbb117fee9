"""A broker that can be told to lie: MQTT 3.1.1 and 5 over mutual TLS, as much of it as our two ends use, in threads.

Written from the OASIS standards. It answers PUBACK to everything; what then becomes of a message is `fate`'s decision.
"""

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14
WINDOW = 20
HANDSHAKE_S_MAX = 30.0
Message = tuple[str, bytes]
Fate = Callable[[str, bytes], Iterable[Message]]
"""What is carried in the place of a message; nothing: it is lost, though its sender was told « Success »."""


def honest(topic: str, payload: bytes) -> Iterable[Message]:
    yield topic, payload


def length_of(count: int) -> bytes:
    """MQTT's « remaining length »."""
    raw = bytearray()
    while True:
        count, digit = divmod(count, 128)
        raw.append(digit | (0x80 if count else 0))
        if not count:
            return bytes(raw)


def packet(kind: int, body: bytes, flags: int = 0) -> bytes:
    return bytes([kind << 4 | flags]) + length_of(len(body)) + body


def text(words: str) -> bytes:
    raw = words.encode()
    return struct.pack("!H", len(raw)) + raw


@dataclass
class Session:
    """What is kept of a client between its connections."""

    filters: set[str] = field(default_factory=set)
    waiting: deque[Message] = field(default_factory=deque)
    under_way: dict[int, Message] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    connection: "Connection | None" = None


class Connection:
    """One client's TLS connection. Any thread may send and `end`; only the one that reads closes.

    A reader that is held up between OpenSSL's two system calls knows its socket by number. Closed by another thread,
    that number is the next file's that is opened: a clinic's database once got OpenSSL's alert into its first page.
    """

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self.sock, self.v5, self.client_id, self.ended = sock, False, "", False
        self._writing = threading.Lock()

    def send(self, raw: bytes) -> None:
        with self._writing, contextlib.suppress(OSError):
            self.sock.sendall(raw)

    def receive(self) -> tuple[int, int, bytes] | None:
        """(kind, flags, body); None at the end."""
        try:
            head, shift, count = self._exactly(1)[0], 0, 0
            while True:
                digit = self._exactly(1)[0]
                count, shift = count | (digit & 127) << shift, shift + 7
                if not digit & 128:
                    return head >> 4, head & 15, self._exactly(count)
        except (OSError, EOFError):
            return None

    def publish(self, message: Message, number: int) -> None:
        topic, payload = message
        properties = b"\0" if self.v5 else b""
        self.send(packet(PUBLISH, text(topic) + struct.pack("!H", number) + properties + payload, flags=2))

    def end(self) -> None:
        """Its reader sees the end, and closes. The plain socket's shutdown: TLS's own takes the reader's state away."""
        self.ended = True
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """For who reads, once it does not any more."""
        with self._writing:
            self.sock.close()

    def _exactly(self, count: int) -> bytes:
        raw = bytearray()
        while len(raw) < count:
            data = self.sock.recv(min(65536, count - len(raw)))
            if not data:
                raise EOFError
            raw += data
        return bytes(raw)


class LyingBroker:
    """`folder` holds ca.pem, broker.crt and broker.key. `seen`: everything that was published to it."""

    def __init__(self, folder: Path, port: int, host: str = "127.0.0.1") -> None:
        self.fate: Fate = honest
        self.seen: list[Message] = []
        self.acknowledged = 0
        """PUBACKs that came, of what it ever brought or made up."""
        self.sessions: dict[str, Session] = {}
        self._lock = threading.RLock()
        self._closed = False
        self._open: set[Connection] = set()
        self._attending: list[threading.Thread] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "broker.crt", folder / "broker.key")
        self._context.load_verify_locations(folder / "ca.pem")
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._server = socket.create_server((host, port))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def carry(self, topic: str, payload: bytes) -> None:
        """Bring a message to whoever has asked for its topic, wherever it comes from."""
        with self._lock:
            for session in self.sessions.values():
                if any(_fits(name, topic) for name in session.filters):
                    session.waiting.append((topic, payload))
                    self._pump(session)

    def say_raw(self, name: str, raw: bytes) -> None:
        """Bytes of our own to the client whose id contains `name`."""
        with self._lock:
            for client_id, session in self.sessions.items():
                if name in client_id and session.connection is not None:
                    session.connection.send(raw)

    def drop(self, name: str = "") -> None:
        """End the connections of the clients whose id contains `name`."""
        with self._lock:
            for client_id, session in self.sessions.items():
                if name in client_id and session.connection is not None:
                    session.connection.end()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)  # else its thread would wait on in accept, with the port
        self._thread.join()
        self._server.close()
        with self._lock:
            self._closed = True
            for connection in self._open:
                connection.end()
        for thread in self._attending:
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._server.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._attend, args=(plain,), daemon=True)
            self._attending = [*filter(threading.Thread.is_alive, self._attending), thread]
            thread.start()

    def _attend(self, plain: socket.socket) -> None:
        plain.settimeout(HANDSHAKE_S_MAX)
        try:
            sock = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            plain.close()
            return
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        with self._lock:
            self._open.add(connection)
            connection.ended = self._closed
        self._listen(connection)
        with self._lock:
            self._open.remove(connection)
            session = self.sessions.get(connection.client_id)
            if session is not None and session.connection is connection:
                session.connection = None
        connection.close()

    def _listen(self, connection: Connection) -> None:
        while not connection.ended and (received := connection.receive()) is not None:
            kind, flags, body = received
            if kind == DISCONNECT:
                return
            with self._lock:
                if not connection.ended:
                    self._take(connection, kind, flags, body)

    def _take(self, connection: Connection, kind: int, flags: int, body: bytes) -> None:
        match kind:
            case 1:  # CONNECT
                self._greet(connection, body)
            case 8:  # SUBSCRIBE
                self._subscribe(connection, body)
            case 3:  # PUBLISH
                self._published(connection, flags, body)
            case 4:  # PUBACK
                self.acknowledged += 1
                session = self.sessions[connection.client_id]
                session.under_way.pop(struct.unpack("!H", body[:2])[0], None)
                self._pump(session)
            case 12:  # PINGREQ
                connection.send(packet(PINGRESP, b""))

    def _greet(self, connection: Connection, body: bytes) -> None:
        name, rest = _text(body)
        assert name == "MQTT"
        connection.v5, rest = rest[0] == 5, rest[4:]
        if connection.v5:
            rest = _after_properties(rest)
        connection.client_id, _ = _text(rest)
        session = self.sessions.setdefault(connection.client_id, Session())
        if session.connection is not None:
            session.connection.end()
        session.connection = connection
        connection.send(packet(CONNACK, b"\0\0\0" if connection.v5 else b"\0\0"))
        session.waiting.extendleft(reversed(session.under_way.values()))
        session.under_way.clear()
        self._pump(session)

    def _subscribe(self, connection: Connection, body: bytes) -> None:
        number, rest = body[:2], body[2:]
        rest = _after_properties(rest) if connection.v5 else rest
        count = 0
        while rest:
            name, rest = _text(rest)
            self.sessions[connection.client_id].filters.add(name)
            rest, count = rest[1:], count + 1
        properties = b"\0" if connection.v5 else b""
        connection.send(packet(SUBACK, number + properties + b"\1" * count))

    def _published(self, connection: Connection, flags: int, body: bytes) -> None:
        topic, rest = _text(body)
        number, rest = (rest[:2], rest[2:]) if flags & 6 else (b"", rest)
        payload = _after_properties(rest) if connection.v5 else rest
        self.seen.append((topic, payload))
        for carried in list(self.fate(topic, payload)):
            self.carry(*carried)
        if number:
            connection.send(packet(PUBACK, number))

    def _pump(self, session: Session) -> None:
        while session.connection is not None and session.waiting and len(session.under_way) < WINDOW:
            message = session.waiting.popleft()
            number = next(n for n in session.numbers if n % 65536 and n % 65536 not in session.under_way) % 65536
            session.under_way[number] = message
            session.connection.publish(message, number)


def _text(raw: bytes) -> tuple[str, bytes]:
    size = struct.unpack("!H", raw[:2])[0]
    return raw[2 : 2 + size].decode(), raw[2 + size :]


def _after_properties(raw: bytes) -> bytes:
    """Nobody of ours says anything in properties that a broker has to keep."""
    count, shift, at = 0, 0, 0
    while True:
        digit = raw[at]
        count, shift, at = count | (digit & 127) << shift, shift + 7, at + 1
        if not digit & 128:
            return raw[at + count :]


def _fits(name: str, topic: str) -> bool:
    wanted, given = name.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(w in ("+", g) for w, g in zip(wanted, given, strict=True))
