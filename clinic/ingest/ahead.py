"""While the database keeps what was read, the next are read: in a thread that lives no longer than that transaction.

To read is libsodium's work and to keep is the database's, both outside Python's lock; one after the other they took
both their times. The thread verifies, opens and decodes and does nothing else: it has no connection to the database,
decides nothing, and what it has read is kept like all that was read, by keys that are asked for again.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from clinic.ingest.keeping import Keeper, Waiting
from mqtt_bridge.clinic_end import Message, Read
from mqtt_bridge.mqtt.port import Delivered

AHEAD_MIN = 16
"""For fewer no thread is worth its while."""


@contextmanager
def reading_ahead(keeper: Keeper, arrived: deque[Delivered], most: int, read: deque[Waiting]) -> Iterator[None]:
    """Move from `arrived` to the end of `read` what can be read while the block lasts, `most` at most, in its order.

    Nobody else changes the two meanwhile, but takes from the front of `read`. What the thread cannot read it leaves:
    `Keeper.read` says why. Raises what asking for keys raises, before the block.
    """
    some = list(islice(arrived, most))
    if len(some) < AHEAD_MIN:
        yield
        return
    reader = keeper.reader([Message(one.topic, one.payload, one.retained) for one in some])
    done: list[Read] = []
    over = threading.Event()
    thread = threading.Thread(target=_read, args=(reader, done, over), name="ahead")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for one in done:
            read.append(Waiting(arrived.popleft().token, one))


def _read(reader: Iterator[Read], done: list[Read], over: threading.Event) -> None:
    while not over.is_set():
        try:
            done.append(next(reader))
        except StopIteration:
            return
        except Exception:  # noqa: BLE001  # a fault of ours: the message is read again in its turn, and it is told there
            return
