"""Boxes and clinics of before, made of today's: they refuse what those could not read and say what they said.

Old ones are of before form 2 of letters; unsettled ones have it, and are of before `Ack.settled`; unurgent ones have
that too, and are of before the channel `urgent`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from msgspec import structs

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd, Outgoing, _Hello
from mqtt_bridge.clinic_store import Epoch, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.outbox import Told

T = TypeVar("T", bound=type)


class UnurgentClinicEnd(ClinicEnd):
    """Of before the channel `urgent`; so are the next two."""

    def _tells_urgent(self, nonce: str | None) -> bool:
        return False


class UnurgentLinkEnd(LinkEnd):
    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        letter = super()._letter(topic, payload)
        no_word(letter, "urgent")
        return letter

    def _nonce(self) -> str:
        return f"{wire.TAKES_SETTLED}{self._token(8)}"


class UnurgentLinkStore(LinkStore):
    def clinic_hears_urgent(self) -> bool:
        return False

    def note_urgent(self, *, heard: bool) -> None:
        """It knows no such channel, and leaves what a later one has noted."""


class UnsettledClinicEnd(UnurgentClinicEnd):
    """Of form 2, and of before `Ack.settled`; so are the next two."""

    def _settled(self, standings: Mapping[Epoch, Standing], now_ms: int, nonce: str | None) -> dict[Epoch, int]:
        return {}


class UnsettledLinkEnd(UnurgentLinkEnd):
    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        letter = super()._letter(topic, payload)
        no_word(letter, "settled")
        return letter

    def _nonce(self) -> str:
        return f"{wire.READS_FORM_2}{self._token(8)}"


class UnsettledLinkStore(UnurgentLinkStore):
    def acknowledged(self, epoch: str) -> Told | None:
        return unsettled(super().acknowledged(epoch))

    def note_tells(self, *, settled: bool) -> None:
        """It goes by its own account, whoever the clinic is."""


class OldClinicEnd(UnsettledClinicEnd):
    def _letter(self, topic: str, payload: bytes, keys: seal.PublicKeys | None) -> wire.Letter:
        _form_1_alone(payload)
        return super()._letter(topic, payload, keys)

    def _hello(self, of: _Hello, now_ms: int) -> list[Outgoing]:
        return super()._hello(replace(of, reads=1), now_ms)


class OldLinkEnd(UnsettledLinkEnd):
    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        _form_1_alone(payload)
        return super()._letter(topic, payload)

    def _nonce(self) -> str:
        return self._token(8)


class OldLinkStore(UnsettledLinkStore):
    def clinic_reads(self) -> wire.Form:
        return 1

    def note_reads(self, form: wire.Form) -> None:
        """It knows no forms."""


def unsettled(told: Told | None) -> Told | None:
    """As a box of before reads it."""
    return None if told is None else structs.replace(told, settled=None)


def no_word(letter: wire.Letter, field: str) -> None:
    """Who does not know a field refuses the acknowledgement. Raises ContractError."""
    if letter.kind in ("ack", "acks") and f'"{field}"'.encode() in letter.body:
        raise ContractError(f"not a readable Ack: Object contains unknown field `{field}`")


def of_before(old: type, kind: T) -> T:
    """`kind`, which may be a planted bug, as it was then."""
    return type(f"Old{kind.__name__}", (old,) if issubclass(old, kind) else (old, kind), {})  # type: ignore[return-value]


def _form_1_alone(payload: bytes) -> None:
    if seal.form_of(payload) != 1:
        raise ContractError("not a readable Signed: JSON is malformed: invalid character (byte 0)")
