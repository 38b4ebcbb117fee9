"""One question to a clinic's HTTPS server, bounded in bytes and in time: whoever trickles is left, too.

A socket's own limit is between two bytes: a server that sends one every half minute would be heard for ever.
"""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass

SILENT_S_MAX, TALK_S_MAX = 30.0, 60.0
"""Between two bytes; and from the connection to the last byte."""
ANSWER_BYTES_MAX = 64 * 1024


class TooSlowError(ConnectionError):
    """The server was still answering when its time was over."""


@dataclass(frozen=True)
class Answer:
    status: int
    said: bytes


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    context: ssl.SSLContext
    talk_s_max: float = TALK_S_MAX

    def ask(self, method: str, path: str, body: bytes) -> Answer:
        """At most ANSWER_BYTES_MAX + 1 bytes of the answer.

        Raises OSError (ssl.SSLError and TooSlowError among them) and http.client.HTTPException.
        """
        with (
            socket.create_connection((self.host, self.port), min(SILENT_S_MAX, self.talk_s_max)) as plain,
            _cut_off(plain, self.talk_s_max) as cut,
        ):
            plain.settimeout(SILENT_S_MAX)  # not the same instant as the cut: which of two comes first is chance
            try:
                answer = self._talk(plain, method, path, body)
            except (OSError, http.client.HTTPException) as error:
                if cut.is_set():
                    raise self._too_slow() from error
                raise
        if cut.is_set():  # what came until then looks like an answer
            raise self._too_slow()
        return answer

    def _too_slow(self) -> TooSlowError:
        return TooSlowError(f"no whole answer within {self.talk_s_max:.3g} s")

    def _talk(self, plain: socket.socket, method: str, path: str, body: bytes) -> Answer:
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.context)
        with contextlib.closing(connection):
            connection.sock = self.context.wrap_socket(plain, server_hostname=self.host)
            connection.request(method, path, body=body or None, headers={"Connection": "close"})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(ANSWER_BYTES_MAX + 1))


@contextlib.contextmanager
def _cut_off(plain: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Ends the connection then, whatever is under way on it, a handshake too; whether that was done."""
    over, mine = threading.Event(), plain.dup()

    def cut() -> None:
        over.set()
        with contextlib.suppress(OSError):  # it has ended by itself
            mine.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()
        timer.join()
        mine.close()
