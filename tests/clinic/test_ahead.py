"""What is read while the database keeps: in its order, nothing left out, nothing twice, no fault stops it."""

import contextlib
import threading
from collections import deque
from pathlib import Path

import pytest

from clinic.ingest.ahead import AHEAD_MIN, reading_ahead
from clinic.ingest.keeping import Keeper, Waiting
from clinic.ingest.pace import UNITS_MIN, Pace
from clinic.ingest.store import DjangoStore
from clinic.results.models import LedgerRow, Quarantine
from mqtt_bridge.clinic_end import ClinicEnd, Message, Read
from mqtt_bridge.mqtt.port import Delivered
from mqtt_bridge.seal import PublicKeys
from tests.clinic.box import CLINIC, evaluation
from tests.clinic.conftest import Clinic
from tests.clinic.test_process import Loop, deliver

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

FAULT = b"fault"


class FaultyEnd(ClinicEnd):
    """A fault of ours at one message."""

    def _read(self, message: Message, box: str, keys: PublicKeys | None, now_ms: int) -> Read:
        if message.payload == FAULT:
            raise ZeroDivisionError("ours")
        return super()._read(message, box, keys, now_ms)


class LosingEnd(ClinicEnd):
    """A fault of ours where it asks for keys."""

    def reader(self, messages: object, now_ms: int) -> object:  # type: ignore[override]
        raise ZeroDivisionError("ours")


def keeper(clinic: Clinic, kind: type[ClinicEnd] = ClinicEnd) -> Keeper:
    store = DjangoStore()
    return Keeper(kind(CLINIC, clinic.keys, store), store, Pace(20, 500))


def letters(clinic: Clinic, count: int) -> list[bytes]:
    return [clinic.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")) for n in range(count)]


def arrived(clinic: Clinic, payloads: list[bytes]) -> deque[Delivered]:
    return deque(Delivered(clinic.box.up, payload, False, token) for token, payload in enumerate(payloads, 1))


def ends() -> None:
    """Until the thread that reads has nothing left to read."""
    for thread in threading.enumerate():
        if thread.name == "ahead":
            thread.join()


def payloads(read: deque[Waiting]) -> list[tuple[int, bytes]]:
    return [(one.token, one.read.message.payload) for one in read]


def test_it_moves_what_it_has_read_and_leaves_the_rest(clinic: Clinic) -> None:
    sent = letters(clinic, AHEAD_MIN + 4)
    waiting, read = arrived(clinic, sent), deque[Waiting]()
    with reading_ahead(keeper(clinic), waiting, AHEAD_MIN, read):
        ends()
        assert len(waiting) == len(sent)  # until the block ends nothing is moved under its hands
    assert payloads(read) == list(enumerate(sent[:AHEAD_MIN], 1))
    assert [one.read.arrival is not None for one in read] == [True] * AHEAD_MIN
    assert [one.payload for one in waiting] == sent[AHEAD_MIN:]


def test_it_reads_no_longer_than_the_block_lasts(clinic: Clinic) -> None:
    sent = letters(clinic, 3 * AHEAD_MIN)
    waiting, read = arrived(clinic, sent), deque[Waiting]()
    with reading_ahead(keeper(clinic), waiting, len(sent), read):
        pass
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
    assert [*payloads(read), *((one.token, one.payload) for one in waiting)] == list(enumerate(sent, 1))


def test_what_is_moved_stays_moved_when_the_block_fails(clinic: Clinic) -> None:
    sent = letters(clinic, AHEAD_MIN)
    waiting, read = arrived(clinic, sent), deque[Waiting]()
    with contextlib.suppress(LookupError), reading_ahead(keeper(clinic), waiting, AHEAD_MIN, read):
        ends()
        raise LookupError
    assert (payloads(read), len(waiting)) == (list(enumerate(sent, 1)), 0)


def test_it_leaves_what_it_cannot_read_and_all_after_it(clinic: Clinic) -> None:
    before, after = letters(clinic, 5), letters(clinic, AHEAD_MIN)
    waiting, read = arrived(clinic, [*before, FAULT, *after]), deque[Waiting]()
    with reading_ahead(keeper(clinic, FaultyEnd), waiting, 100, read):
        ends()
    assert payloads(read) == list(enumerate(before, 1))
    assert [one.payload for one in waiting] == [FAULT, *after]


def test_a_few_wait_their_turn(clinic: Clinic) -> None:
    waiting, read = arrived(clinic, letters(clinic, AHEAD_MIN - 1)), deque[Waiting]()
    with reading_ahead(keeper(clinic), waiting, 100, read):
        ends()
    assert (len(waiting), len(read)) == (AHEAD_MIN - 1, 0)


def test_without_keys_nothing_is_read_ahead(clinic: Clinic) -> None:
    waiting, read = arrived(clinic, letters(clinic, AHEAD_MIN)), deque[Waiting]()
    with reading_ahead(keeper(clinic, LosingEnd), waiting, 100, read):
        ends()
    assert (len(waiting), len(read)) == (AHEAD_MIN, 0)


def test_a_backlog_with_a_fault_in_it_is_kept_once_and_settled_once(clinic: Clinic, tmp_path: Path) -> None:
    loop, count = Loop(clinic, tmp_path), 8 * UNITS_MIN
    loop.end = FaultyEnd(CLINIC, clinic.keys, loop.store)
    sent = letters(clinic, count)
    loop.run(deliver(loop, clinic, [*sent[: count // 2], FAULT, *sent[count // 2 :]]))
    assert list(LedgerRow.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, count + 1))
    assert "ZeroDivisionError" in Quarantine.objects.get().problem
    assert clinic.box.ack(loop.sent("/ack")[-1]).through == count
    assert len(set(loop.client.settled)) == len(loop.client.settled) == count + 1
