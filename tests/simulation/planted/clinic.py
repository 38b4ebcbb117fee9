"""The clinic's end and its loop: what it says, and when."""

import itertools
from collections import deque
from collections.abc import Sequence

from msgspec import structs

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd, Head, Outgoing, Read
from mqtt_bridge.clinic_store import Epoch, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.order import ReadReceipt
from mqtt_bridge.mqtt.port import Delivered
from tests.simulation.clinic import BATCH_MAX, Clinic
from tests.simulation.network import Client
from tests.simulation.record import Row as SeenRow


class AcknowledgesFirst(Clinic):
    """The answers leave before the transaction has committed."""

    def _keep_some(self) -> None:
        _acknowledge_first(self, self._arrived, self.client)


class AcknowledgesCallsFirst(Clinic):
    """The same of what comes by the channel `urgent`."""

    def _keep_urgent(self) -> None:
        _acknowledge_first(self, self._pressing, self.urgent)


def _acknowledge_first(clinic: Clinic, queue: deque[Delivered], client: Client | None) -> None:
    messages = list(itertools.islice(queue, BATCH_MAX))
    with clinic.record.transaction():
        for message in messages:
            clinic._publish_all(clinic._end.receive(message.topic, message.payload, clinic.now_ms))
            queue.popleft()
            clinic.effect()
            clinic._settle(client, message)
    clinic.world.truths.clinic_committed(clinic.record, [m.payload for m in messages], [m.topic for m in messages])


class ReadsTooMuch(Clinic):
    """A receipt names one report too many."""

    def _receipt(self, rows: list[SeenRow]) -> ReadReceipt:
        receipt = super()._receipt(rows)
        last = receipt.reports[-1]
        return structs.replace(receipt, reports=(*receipt.reports, structs.replace(last, seq=last.seq + 1)))


class ThroughTheLast(ClinicEnd):
    """`through` is the highest number that came, whatever is missing below it."""

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        ack = super()._ack(of, standing, head)
        return structs.replace(ack, through=max([ack.through, *(r.last for r in ack.ranges)]), ranges=())


class OneTooMany(ClinicEnd):
    """Ranges are off by one."""

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        ack = super()._ack(of, standing, head)
        return structs.replace(ack, through=ack.through + 1)


class HeldIsForgotten(ClinicEnd):
    """What could only be held is told as readable."""

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        return structs.replace(super()._ack(of, standing, head), held=())


class AnswersInForm2(ClinicEnd):
    """Whoever speaks is answered in the newest form."""

    def _say(self, box: str, acks: Sequence[wire.Ack], form: wire.Form) -> list[Outgoing]:
        return super()._say(box, acks, 2)


class TellsEverybody(ClinicEnd):
    """That the channel `urgent` is read is told to whoever asks, understood or not."""

    def _tells_urgent(self, nonce: str | None) -> bool:
        return nonce is not None and self.hears_urgent()


class NoQuarantine(ClinicEnd):
    """What cannot be read is dropped."""

    def _set_aside(self, one: Read, problem: str, now_ms: int) -> None:
        pass


class AnyHand(ClinicEnd):
    """The box's signature is not checked."""

    def _letter(self, topic: str, payload: bytes, keys: seal.PublicKeys | None) -> wire.Letter:
        try:
            return super()._letter(topic, payload, keys)
        except seal.SealError:
            return seal.read_letter(payload)
