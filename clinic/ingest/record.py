"""Which part of the record takes which report."""

from collections.abc import Callable, Sequence

from django.db import OperationalError, transaction
from django.db.models import Min

from clinic.coordination.noticing import notice, notice_cares
from clinic.correspondence import arriving
from clinic.fleet.models import Device
from clinic.people.models import Patient, Standing
from clinic.plans import ending
from clinic.plans.models import Order
from clinic.plans.orders import Pen
from clinic.plans.standing import declare
from clinic.results import beside, interpret
from clinic.results.answers import text
from clinic.results.models import LedgerRow
from clinic.results.sheet import Filed, Overtaken, Sheet
from clinic.results.unfit import Unfit
from clinic.shelf import told as shelf
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.packages import PackageState
from mqtt_bridge.contract.report import Report

TRIES_MAX = 3
"""Who was overtaken looks again; what overtook it has been committed by then."""


def is_of_a_care(report: Report | None) -> bool:
    """Whether many such reports are written together, at the price of a few."""
    return report is not None and isinstance(report.content, contract.Evaluation | contract.Listening)


def write_cares(told: Sequence[tuple[Filed, Report]]) -> list[tuple[Filed, Unfit]]:
    """Write what these reports of cares say, all together; of those that cannot enter, nothing: which, and why."""
    for _ in range(TRIES_MAX):
        try:
            with transaction.atomic():
                return _write_cares(told)
        except Overtaken:
            continue
    raise OperationalError("the same sessions are written by another process again and again")


def _write_cares(told: Sequence[tuple[Filed, Report]]) -> list[tuple[Filed, Unfit]]:
    sheet, unfit = Sheet.of(told), []
    for row, report in told:
        try:
            _gather(sheet, row, report)
        except Unfit as error:
            unfit.append((row, error))
    sheet.write()
    kept_out = {row.pk for row, _ in unfit}
    notice_cares(((row, report) for row, report in told if row.pk not in kept_out), sheet.correct)
    return unfit


def _gather(sheet: Sheet, row: Filed, report: Report) -> None:
    match report.content:
        case contract.Listening() as told:
            interpret.write_listening(sheet, row, report, told)
        case contract.Evaluation() as told:
            interpret.write_evaluation(sheet, row, report, told)


def write(row: LedgerRow, report: Report, pen: Pen | None) -> None:
    """Write what the report says, and note what of it somebody must see; `pen` writes the orders that follow.

    Raises Unfit, then nothing may be kept of it.
    """
    _enter(row, report, pen)
    notice(row, report)


def _enter(row: LedgerRow, report: Report, pen: Pen | None) -> None:  # noqa: C901, PLR0912  # one line for each word
    match report.content:
        case contract.Listening() | contract.Evaluation():
            for _, unfit in write_cares([(row, report)]):
                raise unfit
        case contract.OrderReceived() as told:
            _order_received(row.device, told, row.received_ms)
        case PackageState() as told:
            _package(row, report, told)
        case contract.FormAnswered() as told:
            beside.write_form(row, report, told)
        case contract.NeedTold() as told:
            beside.write_need(row, report, told)
        case contract.StopExplained() as told:
            beside.write_stop_reason(row, report, told)
        case contract.LessonRead() as told:
            beside.write_lesson(row, report, told)
        case contract.SelfTested() as told:
            beside.write_self_test(row, told)
        case contract.HelpAsked() as told:
            arriving.write_help(row, report, told)
        case contract.MessageFromPatient() as told:
            arriving.write_message(row, report, told)
        case contract.MessageOpened() as told:
            arriving.write_opened(row, report, told)
        case contract.DeliveryAsked() as told:
            arriving.write_delivery_asked(row, report, told)
        case contract.DeliveryReceived() as told:
            arriving.write_delivery_received(row, report, told)
        case contract.DeathTold() as told:
            _death(row, report, told, pen)
        case contract.BoxWiped() as told:
            _wiped(row, told)


def retime_boot(device: Device, boot: str) -> None:
    """A better exchange of this boot is known: correct everything that began in it."""
    for part in (interpret, beside, arriving):
        part.retime_boot(device, boot)


def _order_received(device: Device, received: contract.OrderReceived, at_ms: int) -> None:
    order = Order.objects.filter(device=device, order=received.order).first()
    if order is None:
        raise Unfit(f"it speaks of the order {received.order}, which this clinic has not written to the box")
    order.accepted, order.reason = received.accepted, text(received.reason)
    order.received_ms = order.received_ms or at_ms
    order.save(update_fields=["accepted", "reason", "received_ms"])


def _package(row: LedgerRow, report: Report, told: PackageState) -> None:
    if not shelf.keep(row.device, told, report.identity, row.received_ms, _began(row)):
        raise Unfit(f"it speaks of the package {told.package.id}, which was not offered to the box")


def _began(row: LedgerRow) -> Callable[[str], int]:
    """Of two epochs the one first heard of is the older: a box sends its oldest reports first."""

    def began(epoch: str) -> int:
        known = LedgerRow.objects.filter(device=row.device, stream=row.stream, epoch=epoch)
        return known.aggregate(first=Min("pk"))["first"] or 0

    return began


def _wiped(row: LedgerRow, told: contract.BoxWiped) -> None:
    interpret.check_stamps(told.began, told.ended)
    if not ending.wiped(row.device, told, row.received_ms):
        raise Unfit(f"it is wiped by the order {told.order}, which this clinic has not written to the box")


def _death(row: LedgerRow, report: Report, told: contract.DeathTold, pen: Pen | None) -> None:
    """Told at the bedside: every other box of the person stops greeting and asking too."""
    interpret.check_stamps(told.told)
    patient = Patient.objects.get(pk=interpret.patient_of(row.device, report))
    if pen is None:
        raise Unfit("a death is told, and this process has no keys to write the orders that follow: `retry-held`")
    declare(patient, Standing.State.DECEASED, pen, box=row.device_id)
