"""A box as the clinic sees one: it writes letters with the house's own words and keys."""

import itertools
from dataclasses import dataclass, field

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.forms import QuestionnaireResponse, Reference, absent, answered
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.report import (
    Content,
    Evaluation,
    Gap,
    Identity,
    Listening,
    Moment,
    Outcome,
    Report,
    Stream,
)
from mqtt_bridge.contract.stamp import Stamp

CLINIC = "maison"
EPOCH = "0123456789abcdef"
T0_MS = 1_763_733_900_000
"""Friday 21 November 2025, 15:05 in Paris."""
CONES = ("angoisse", "anxiete", "douleur", "agitation", "plaisir")
RATE_HZ = 48_000

Scores = tuple[int | str | None, ...]
"""A height; `declined`; None: not asked."""


def stamp(at_ms: int = T0_MS, *, trusted: bool = True, boot: str = "boot-1", monotonic_ms: int = 60_000) -> Stamp:
    return Stamp(wall_ms=at_ms, trusted=trusted, boot=boot, monotonic_ms=monotonic_ms)


def response(scores: Scores, comment: str | None = None, patient: str = "martin") -> QuestionnaireResponse:
    items = []
    for cone, score in zip(CONES, scores, strict=True):
        if isinstance(score, int):
            items.append(answered(cone, score))
        else:
            items.append(absent(cone, "asked-declined" if score == "declined" else "not-asked"))
    items.append(answered("commentaire", comment) if comment else absent("commentaire", "asked-declined"))
    return QuestionnaireResponse(
        questionnaire="urn:chevet:questionnaire:cinq-cones|1",
        status="completed",
        subject=Reference(reference=f"Patient/{patient}"),
        source=Reference(reference=f"Patient/{patient}"),
        item=tuple(items),
    )


def evaluation(
    moment: Moment, scores: Scores, comment: str | None = None, session: str = "s-1", *, asked: Stamp | None = None
) -> Evaluation:
    return Evaluation(
        session=session, request="riviere", moment=moment, response=response(scores, comment), asked=asked or stamp()
    )


def listening(
    session: str = "s-1",
    outcome: Outcome = "heard_whole",
    *,
    gaps: tuple[Gap, ...] = (),
    started: Stamp | None = None,
    played_s: float = 60.0,
    total_s: float = 60.0,
    cause: str = "",
    exact: bool = True,
) -> Listening:
    began = started or stamp()
    return Listening(
        session=session,
        request="riviere",
        package="riviere",
        fingerprint="0" * 64,
        outcome=outcome,
        started=began,
        ended=stamp(began.wall_ms + int(played_s * 1000), trusted=began.trusted, boot=began.boot),
        rate_hz=RATE_HZ,
        frames_total=int(total_s * RATE_HZ),
        frames_played=int(played_s * RATE_HZ),
        frames_exact=exact,
        gaps=gaps,
        cause=cause,
    )


@dataclass
class Box:
    clinic: seal.PublicKeys
    name: str = "box-12"
    keys: seal.SecretKeys = field(default_factory=seal.make_keys)
    epoch: str = EPOCH
    stream: Stream = "kiosk"
    form: wire.Form = 1
    clinic_id: str = CLINIC

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    @property
    def up(self) -> str:
        return wire.topic(self.clinic_id, self.name, "up")

    def report(
        self, content: Content, *, seq: int | None = None, patient: str | None = "martin", version: int | None = 1
    ) -> bytes:
        return self.seal_report(self.write(content, seq=seq, patient=patient, version=version))

    def write(
        self, content: Content, *, seq: int | None = None, patient: str | None = "martin", version: int | None = 1
    ) -> Report:
        number = next(self._numbers) if seq is None else seq
        return Report(
            id=f"00000000-0000-4000-8000-{number % 10**12:012}",
            identity=Identity(box=self.name, stream=self.stream, epoch=self.epoch, seq=number),
            recorded=stamp(),
            content=content,
            patient=patient,
            plan="plan-martin",
            plan_version=version,
        )

    def seal_report(self, report: Report, recipient: seal.PublicKeys | None = None) -> bytes:
        to = recipient or self.clinic
        told = report.identity
        return self.sign("report", seal.seal_body(encode(report), to, self.form), to.seal_id, told.seq)

    def sign(self, kind: wire.LetterKind, body: bytes, recipient: str | None = None, seq: int | None = None) -> bytes:
        letter = wire.Letter(
            kind=kind,
            clinic=self.clinic_id,
            box=self.name,
            signer=self.keys.public.verify_id,
            body=body,
            recipient=recipient,
            stream=self.stream if seq is not None else None,
            epoch=self.epoch if seq is not None else None,
            seq=seq,
            v=self.form,
        )
        return seal.sign(letter, self.keys)

    def hello(
        self,
        keeps: tuple[wire.Held, ...] = (),
        *,
        through: int = 0,
        former: wire.Exchange | None = None,
        sent: Stamp | None = None,
        nonce: str = "n-1",
    ) -> bytes:
        word = wire.Hello(nonce=nonce, sent=sent or stamp(), keeps=keeps, orders_through=through, former=former)
        return self.sign("hello", encode(word))

    def ack(self, payload: bytes) -> wire.Ack:
        """The clinic's answer, verified as the link does."""
        (ack,) = self.acks(payload)
        return ack

    def acks(self, payload: bytes) -> tuple[wire.Ack, ...]:
        letter = seal.verify(payload, self.clinic)
        assert letter.box == self.name
        assert (letter.kind, letter.v) == ("ack" if self.form == 1 else "acks", self.form)
        return (decode(letter.body, wire.Ack),) if self.form == 1 else decode(letter.body, wire.Acks).acks

    def order(self, payload: bytes) -> Order:
        letter = seal.verify(payload, self.clinic)
        assert (letter.kind, letter.box) == ("order", self.name)
        return decode(seal.open_body(letter, self.keys), Order)
