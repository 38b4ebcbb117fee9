"""From a readable report to what passes between the person and the team."""

from clinic.correspondence.models import (
    Delivery,
    DeliveryWord,
    HelpRequest,
    MessageFromPatient,
    MessageOpened,
    MessageToPatient,
)
from clinic.fleet.models import Device
from clinic.results.answers import text
from clinic.results.interpret import patient_of, retime, timing
from clinic.results.models import LedgerRow
from clinic.results.unfit import Unfit
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.stamp import Stamp

TIMED = (HelpRequest, MessageFromPatient, MessageOpened, DeliveryWord)


def write_help(row: LedgerRow, report: Report, asked: contract.HelpAsked) -> None:
    """A call for help is never held: without a name that fits the box it is everybody's. Raises Unfit: its stamp."""
    HelpRequest.objects.create(
        row=row,
        device=row.device,
        patient_id=_whose(row.device, report),
        help=asked.help,
        rule=text(asked.rule or ""),
        session=asked.session or "",
        **timing(row, asked.asked),
    )


def _whose(device: Device, report: Report) -> str | None:
    try:
        return patient_of(device, report)
    except Unfit:
        return None


def write_message(row: LedgerRow, report: Report, told: contract.MessageFromPatient) -> None:
    """Raises Unfit."""
    MessageFromPatient.objects.create(
        row=row,
        device=row.device,
        patient_id=patient_of(row.device, report),
        message=told.message,
        text=text(told.text),
        reply_to=told.reply_to or "",
        **timing(row, told.written),
    )


def write_opened(row: LedgerRow, report: Report, told: contract.MessageOpened) -> None:
    """Raises Unfit: this clinic has not written it to the person."""
    patient = patient_of(row.device, report)
    message = MessageToPatient.objects.filter(message=told.message, patient=patient).first()
    if message is None:
        raise Unfit(f"it speaks of the message {told.message}, which this clinic has not written to {patient}")
    MessageOpened.objects.create(
        row=row, device=row.device, patient_id=patient, message=message, **timing(row, told.opened)
    )


def write_delivery_asked(row: LedgerRow, report: Report, told: contract.DeliveryAsked) -> None:
    """Raises Unfit."""
    _delivery_word(row, report, told.delivery, DeliveryWord.Kind.ASKED, told.asked, told.note)


def write_delivery_received(row: LedgerRow, report: Report, told: contract.DeliveryReceived) -> None:
    """Raises Unfit."""
    _delivery_word(row, report, told.delivery, DeliveryWord.Kind.THERE, told.received)


def _delivery_word(
    row: LedgerRow, report: Report, name: str, kind: DeliveryWord.Kind, stamp: Stamp, note: str = ""
) -> None:
    patient = patient_of(row.device, report)
    delivery, _ = Delivery.objects.get_or_create(
        device=row.device,
        delivery=name,
        defaults={"patient_id": patient, "first_received_ms": row.received_ms},
    )
    if delivery.patient_id != patient:
        raise Unfit(f"the delivery {name} is known as another person's")
    DeliveryWord.objects.create(
        row=row,
        device=row.device,
        patient_id=patient,
        delivery=delivery,
        kind=kind,
        note=text(note),
        **timing(row, stamp),
    )


def retime_boot(device: Device, boot: str) -> None:
    for kind in TIMED:
        retime(kind, device, boot)
