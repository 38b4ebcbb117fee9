"""From a readable report to the record's rows. What the record cannot take is `Unfit`, and its report is held."""

from collections.abc import Callable

from django.db.models import Min

from clinic.fleet.boxes import was_for
from clinic.fleet.corrected_time import Corrected, correct, plausible
from clinic.fleet.models import Device
from clinic.plans.models import CarePlan, Order
from clinic.results.models import Answer, Evaluation, LedgerRow, Listening, Session
from clinic.shelf import told as shelf
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.forms import CONE_MAX, CONE_MIN, ResponseItem
from mqtt_bridge.contract.packages import PackageState
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.stamp import Stamp

WHOLE_MAX = 2**53
"""No number of a report is larger: JSON's readers agree on whole numbers up to there."""
MEASURE_MAX = 1e9
"""Nor is a duration (11 days in ms) or a gain larger: of larger ones no sum could be shown."""
BOOT_MAX = 64
UNKNOWN = "unknown"
"""FHIR's data-absent-reason for an item that gives neither an answer nor a reason."""


class Unfit(ContractError):
    """The report is readable, but cannot enter the record yet; its words are for staff."""


def write(row: LedgerRow, report: Report) -> None:
    """Write what the report says. Raises Unfit, then nothing may be kept of what was written."""
    match report.content:
        case contract.OrderReceived() as received:
            _order_received(row.device, received, row.received_ms)
        case PackageState() as told_package:
            if not shelf.keep(row.device, told_package, report.identity, row.received_ms, _began(row)):
                raise Unfit(f"it speaks of the package {told_package.package.id}, which was not offered to the box")
        case contract.Listening() as heard:
            _listening(row, report, heard)
        case contract.Evaluation() as told:
            _evaluation(row, report, told)


def _began(row: LedgerRow) -> Callable[[str], int]:
    """Of two epochs the one first heard of is the older: a box sends its oldest reports first."""

    def began(epoch: str) -> int:
        known = LedgerRow.objects.filter(device=row.device, stream=row.stream, epoch=epoch)
        return known.aggregate(first=Min("pk"))["first"] or 0

    return began


def _order_received(device: Device, received: contract.OrderReceived, at_ms: int) -> None:
    order = Order.objects.filter(device=device, order=received.order).first()
    if order is None:
        raise Unfit(f"it speaks of the order {received.order}, which this clinic has not written to the box")
    order.accepted, order.reason = received.accepted, text(received.reason)
    order.received_ms = order.received_ms or at_ms
    order.save(update_fields=["accepted", "reason", "received_ms"])


def _listening(row: LedgerRow, report: Report, heard: contract.Listening) -> None:
    check_stamps(heard.started, heard.ended)
    check_whole(heard.rate_hz, heard.frames_total, heard.frames_played, heard.gaps_total)
    check_whole(*(gap.at_frame for gap in heard.gaps))
    check_measures(heard.gain_db, heard.gain_start_db or 0.0, *(gap.duration_ms for gap in heard.gaps))
    check_measures(*(one.gain_db for one in heard.level_changes))
    when = plausible(correct(row.device, heard.started), row.received_ms)
    session = _session(row, report, heard, when)
    Listening.objects.create(
        row=row,
        session=session,
        outcome=heard.outcome,
        package=text(heard.package),
        fingerprint=text(heard.fingerprint),
        **raw(heard.started),
        **{f"ended_{name}": value for name, value in raw(heard.ended).items()},
        rate_hz=heard.rate_hz,
        frames_total=heard.frames_total,
        frames_played=heard.frames_played,
        frames_exact=heard.frames_exact,
        gaps=[{"at_frame": gap.at_frame, "duration_ms": gap.duration_ms} for gap in heard.gaps],
        gaps_total=max(heard.gaps_total, len(heard.gaps)),
        gain_db=heard.gain_db,
        cause=text(heard.cause),
        **_hearing(heard),
    )
    # The care began when the sound did: an evaluation that came first has only said when the person was asked.
    _retime(session, when)


def _hearing(heard: contract.Listening) -> dict[str, object]:
    """What the ear has heard, as the box told it; empty from a box of before levels."""
    changes, plugs = heard.level_changes, heard.headphones_changes
    return {
        "level_dba": heard.level_dba,
        "level_max_dba": heard.level_max_dba,
        "dose_pa2h": heard.dose_pa2h,
        "dose_week_percent": heard.dose_week_percent,
        "sensitive": heard.sensitive,
        "calibration": text(heard.calibration),
        "gain_start_db": heard.gain_start_db,
        "level_changes": [{"at_frame": one.at_frame, "gain_db": one.gain_db} for one in changes],
        "level_changes_total": max(heard.level_changes_total, len(changes)),
        "headphones_changes": [{"at_frame": one.at_frame, "headphones": one.headphones} for one in plugs],
        "headphones_changes_total": max(heard.headphones_changes_total, len(plugs)),
    }


def _evaluation(row: LedgerRow, report: Report, told: contract.Evaluation) -> None:
    check_stamps(told.asked)
    check_measures(told.delay_s)
    when = plausible(correct(row.device, told.asked), row.received_ms)
    session = _session(row, report, told, when)
    evaluation = Evaluation.objects.create(
        row=row,
        session=session,
        moment=told.moment,
        questionnaire=text(told.response.questionnaire),
        status=told.response.status,
        source=text(told.response.source.reference),
        delay_s=told.delay_s,
        **raw(told.asked),
    )
    items = enumerate(told.response.item)
    Answer.objects.bulk_create([_answer(evaluation, position, item) for position, item in items])
    if told.moment == "before" and session.started_ms != when.at_ms and not session.listenings.exists():
        _retime(session, when)


def _answer(evaluation: Evaluation, position: int, item: ResponseItem) -> Answer:
    score = next((a.value_integer for a in item.answer if a.value_integer is not None), None)
    words = "\n".join(a.value_string for a in item.answer if a.value_string is not None)
    if score is not None and not CONE_MIN <= score <= CONE_MAX:
        raise Unfit(f"the item {item.link_id} is answered {score}: a cone goes from {CONE_MIN} to {CONE_MAX}")
    if score is not None and item.absent_reason:
        raise Unfit(f"the item {item.link_id} is answered {score} and declined at once")
    answered = score is not None or any(a.value_string is not None for a in item.answer)
    reason = "" if answered else (item.absent_reason or UNKNOWN)[:20]
    return Answer(
        evaluation=evaluation,
        position=position,
        item=text(item.link_id),
        score=score,
        words=text(words),
        absent_reason=text(reason),
    )


def _session(
    row: LedgerRow, report: Report, content: contract.Listening | contract.Evaluation, when: Corrected
) -> Session:
    patient = _patient(row.device, report)
    version = report.plan_version if report.plan_version and 0 < report.plan_version < 2**31 else None
    session, _ = Session.objects.get_or_create(
        device=row.device,
        session=content.session,
        defaults={
            "patient_id": patient,
            "request": content.request,
            "care": lambda: _care(report.plan, version, content.request),  # type: ignore[misc]  # called only when new
            "plan": report.plan or "",
            "plan_version": version,
            "started_ms": when.at_ms,
            "error_ms": when.error_ms,
            "time_source": when.source,
            "first_received_ms": row.received_ms,
        },
    )
    if (session.patient_id, session.request) != (patient, content.request):
        raise Unfit(f"the session {content.session} is known as another person's or of another care")
    return session


def _patient(device: Device, report: Report) -> str:
    if report.patient is None:
        raise Unfit("it does not say whose it is")
    if not was_for(device, report.patient):
        raise Unfit(f"its patient is not one that the box {device.id} was for: register whom the box is for")
    return report.patient


def _care(plan: str | None, version: int | None, request: str) -> str:
    """The title that the person saw; the request's id while the plan is not known here."""
    known = CarePlan.objects.filter(plan=plan or "", version=version or 0).first()
    titles = {r.id: r.title for r in known.content.activity} if known else {}
    return titles.get(request, request)


def _retime(session: Session, when: Corrected) -> None:
    if (session.started_ms, session.error_ms, session.time_source) == (when.at_ms, when.error_ms, when.source):
        return
    session.started_ms, session.error_ms, session.time_source = when.at_ms, when.error_ms, when.source
    session.save(update_fields=["started_ms", "error_ms", "time_source"])


def retime_boot(device: Device, boot: str) -> None:
    """A better exchange of this boot is known: correct the sessions that began in it."""
    for heard in Listening.objects.filter(session__device=device, boot=boot).select_related("session"):
        _retime(heard.session, correct(device, stamp_of(heard)))
    waiting = Evaluation.objects.filter(session__device=device, boot=boot, moment="before", session__listenings=None)
    for told in waiting.select_related("session"):
        _retime(told.session, correct(device, stamp_of(told)))


def stamp_of(result: Listening | Evaluation) -> Stamp:
    return Stamp(wall_ms=result.wall_ms, trusted=result.trusted, boot=result.boot, monotonic_ms=result.monotonic_ms)


def raw(stamp: Stamp) -> dict[str, int | bool | str]:
    return {
        "wall_ms": stamp.wall_ms,
        "trusted": stamp.trusted,
        "boot": text(stamp.boot),
        "monotonic_ms": stamp.monotonic_ms,
    }


def check_stamps(*stamps: Stamp) -> None:
    for stamp in stamps:
        check_whole(stamp.wall_ms, stamp.monotonic_ms)
        check_boot(stamp.boot)


def check_boot(boot: str) -> None:
    if len(boot) > BOOT_MAX:
        raise Unfit(f"a boot id of {len(boot)} characters: at most {BOOT_MAX}")


def check_whole(*numbers: int) -> None:
    for number in numbers:
        if abs(number) > WHOLE_MAX:
            raise Unfit(f"a number of {number.bit_length()} bits: no larger than 2^53")


def check_measures(*numbers: float) -> None:
    for number in numbers:
        if not abs(number) <= MEASURE_MAX:
            raise Unfit(f"a measure of {number:.3g}: no larger than {MEASURE_MAX:.0g}")


def text(words: str) -> str:
    """PostgreSQL takes no NUL in a text; the raw bytes keep it."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}")
