"""Boxes and clinics of before form 2, made of today's: they refuse what those could not read and say what they said."""

from dataclasses import replace
from typing import TypeVar

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd, Outgoing, _Hello
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.store import LinkStore

T = TypeVar("T", bound=type)


class OldClinicEnd(ClinicEnd):
    def _letter(self, topic: str, payload: bytes, keys: seal.PublicKeys | None) -> wire.Letter:
        _form_1_alone(payload)
        return super()._letter(topic, payload, keys)

    def _hello(self, of: _Hello, now_ms: int) -> list[Outgoing]:
        return super()._hello(replace(of, reads=1), now_ms)


class OldLinkEnd(LinkEnd):
    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        _form_1_alone(payload)
        return super()._letter(topic, payload)

    def _nonce(self) -> str:
        return self._token(8)


class OldLinkStore(LinkStore):
    def clinic_reads(self) -> wire.Form:
        return 1

    def note_reads(self, form: wire.Form) -> None:
        """It knows no forms."""


def of_before(old: type, kind: T) -> T:
    """`kind`, which may be a planted bug, as it was before form 2."""
    return type(f"Old{kind.__name__}", (old, kind) if kind is not old.__base__ else (old,), {})  # type: ignore[return-value]


def _form_1_alone(payload: bytes) -> None:
    if seal.form_of(payload) != 1:
        raise ContractError("not a readable Signed: JSON is malformed: invalid character (byte 0)")
