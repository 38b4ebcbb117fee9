"""What wakes the ingest loop: the MQTT client's thread, the bell, a signal, or the time."""

import contextlib
import selectors
import signal
import socket
from queue import Empty
from types import FrameType

from clinic.ingest.bell import Bell, drain
from mqtt_bridge.mqtt.port import Event, Mailbox


class WakingMailbox(Mailbox):
    """A mailbox that wakes the loop: the client's thread puts, one datagram follows."""

    def __init__(self) -> None:
        super().__init__()
        self.woken, self._waker = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.woken.setblocking(False)
        self._waker.setblocking(False)

    def put(self, event: Event) -> None:
        super().put(event)
        self.wake()

    def wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: the loop will wake anyway
            self._waker.send(b"\0")

    def take(self, count_max: int) -> list[Event]:
        taken: list[Event] = []
        with contextlib.suppress(Empty):
            while len(taken) < count_max:
                taken.append(self.events.get_nowait())
        return taken

    def close(self) -> None:
        self.woken.close()
        self._waker.close()


class Waiting:
    """Sleeps until something is to be done. `stopping` is set by SIGTERM and SIGINT."""

    def __init__(self, mailbox: WakingMailbox, bell: Bell | None) -> None:
        self._mailbox, self._bell = mailbox, bell
        self._selector = selectors.DefaultSelector()
        self._selector.register(mailbox.woken, selectors.EVENT_READ)
        if bell is not None:
            self._selector.register(bell.socket, selectors.EVENT_READ)
        self.stopping = False

    def stop_on_signals(self) -> None:
        signal.signal(signal.SIGTERM, self._signalled)
        signal.signal(signal.SIGINT, self._signalled)

    def stop(self) -> None:
        self.stopping = True
        self._mailbox.wake()

    def until_woken(self, timeout_s: float) -> bool:
        """Wait; whether the bell was rung."""
        if self._selector.select(0 if self.stopping else timeout_s):
            drain(self._mailbox.woken)
        return self._bell is not None and self._bell.drain()

    def close(self) -> None:
        self._selector.close()

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
