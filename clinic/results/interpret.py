"""From a readable report of a session to the record's rows. What the record cannot take is `Unfit`: it is held."""

from collections.abc import Callable

from clinic.fleet.boxes import was_for
from clinic.fleet.corrected_time import Corrected, correct, plausible
from clinic.fleet.models import Device
from clinic.people.merged import record_that_stays
from clinic.plans.models import CarePlan
from clinic.results.answers import answer_fields, form_named, questions_of, text
from clinic.results.models import Evaluation, LedgerRow, Listening, Session, StampedResult, Timed
from clinic.results.sheet import Care, Filed, Sheet, version_of
from clinic.results.unfit import Unfit
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan
from mqtt_bridge.contract.forms import CONE_MAX, Questionnaire, QuestionnaireResponse
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.stamp import Stamp

WHOLE_MAX = 2**53
"""No number of a report is larger: JSON's readers agree on whole numbers up to there."""
MEASURE_MAX = 1e9
"""Nor is a duration (11 days in ms) or a gain larger: of larger ones no sum could be shown."""
BOOT_MAX = 64


def write_listening(sheet: Sheet, row: Filed, report: Report, heard: contract.Listening) -> None:
    """Raises Unfit; then nothing of it is on the sheet."""
    check_stamps(heard.started, heard.ended)
    check_whole(heard.rate_hz, heard.frames_total, heard.frames_played, heard.gaps_total)
    check_whole(*(gap.at_frame for gap in heard.gaps))
    check_measures(heard.gain_db, heard.gain_start_db or 0.0, *(gap.duration_ms for gap in heard.gaps))
    check_measures(*(one.gain_db for one in heard.level_changes))
    when = plausible(sheet.correct(row.device_id, heard.started), row.received_ms)
    patient = _whose(sheet, row.device_id, report)
    session = _session(sheet, row, report, heard, patient, when)
    told = {
        "row_id": row.pk,
        "outcome": heard.outcome,
        "package": text(heard.package),
        "fingerprint": text(heard.fingerprint),
        **raw(heard.started),
        **{f"ended_{name}": value for name, value in raw(heard.ended).items()},
        "rate_hz": heard.rate_hz,
        "frames_total": heard.frames_total,
        "frames_played": heard.frames_played,
        "frames_exact": heard.frames_exact,
        "gaps": [{"at_frame": gap.at_frame, "duration_ms": gap.duration_ms} for gap in heard.gaps],
        "gaps_total": max(heard.gaps_total, len(heard.gaps)),
        "gain_db": heard.gain_db,
        "cause": text(heard.cause),
        **_hearing(heard),
    }
    sheet.listening(session, told)
    # The care began when the sound did: an evaluation that came first has only said when the person was asked.
    session.begins(when)


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


def write_evaluation(sheet: Sheet, row: Filed, report: Report, told: contract.Evaluation) -> None:
    """Raises Unfit; then nothing of it is on the sheet."""
    check_stamps(told.asked)
    check_measures(told.delay_s)
    when = plausible(sheet.correct(row.device_id, told.asked), row.received_ms)
    patient = _whose(sheet, row.device_id, report)
    questions = questions_of(form_for(report, told.response))
    answers = [{"position": n, **answer_fields(item, questions)} for n, item in enumerate(told.response.item)]
    session = _session(sheet, row, report, told, patient, when)
    columns = {
        "row_id": row.pk,
        "moment": told.moment,
        "questionnaire": text(told.response.questionnaire),
        "status": told.response.status,
        "source": text(told.response.source.reference),
        "answered_by": told.answered_by or "",
        "given_in": told.given_in or "",
        "delay_s": told.delay_s,
        **raw(told.asked),
    }
    sheet.evaluation(session, columns, answers)
    if told.moment == "before" and not session.heard:
        session.begins(when)


def _session(
    sheet: Sheet,
    row: Filed,
    report: Report,
    content: contract.Listening | contract.Evaluation,
    patient: str,
    when: Corrected,
) -> Care:
    care = sheet.care(row.device_id, content.session)
    if care is None:
        columns = {
            "patient_id": patient,
            "request": content.request,
            "care": _care(sheet.plan(report), content.request),
            "plan": report.plan or "",
            "plan_version": version_of(report),
            "started_ms": when.at_ms,
            "error_ms": when.error_ms,
            "time_source": when.source,
            "first_received_ms": row.received_ms,
        }
        care = sheet.begin(row.device_id, content.session, columns)
    if (care.columns["patient_id"], care.columns["request"]) != (patient, content.request):
        raise Unfit(f"the session {content.session} is known as another person's or of another care")
    return care


def _whose(sheet: Sheet, device: str, report: Report) -> str:
    return _checked(report, device, lambda patient: sheet.was_for(device, patient))


def patient_of(device: Device, report: Report) -> str:
    """Whose the report is. Raises Unfit: nobody's, or of somebody whom the box was never for."""
    return _checked(report, device.id, lambda patient: was_for(device, patient))


def _checked(report: Report, device: str, was_for_it: Callable[[str], bool]) -> str:
    if report.patient is None:
        raise Unfit("it does not say whose it is")
    if was_for_it(report.patient):
        return report.patient
    kept = record_that_stays(report.patient)
    if kept is None or not was_for_it(kept):
        raise Unfit(f"its patient is not one that the box {device} was for: register whom the box is for")
    return kept


def known_plan(report: Report) -> ContractCarePlan | None:
    """The plan that the report was made under, None when it is not known here."""
    known = CarePlan.objects.filter(plan=report.plan or "", version=version_of(report) or 0).first()
    return known.content if known else None


def form_for(report: Report, response: QuestionnaireResponse) -> Questionnaire | None:
    """The form that bounds these answers, looked up only where a number is beyond every cone's."""
    numbers = [a.value_integer for item in response.item for a in item.answer if a.value_integer is not None]
    beyond = any(number > CONE_MAX for number in numbers)
    return form_named(known_plan(report), response.questionnaire) if beyond else None


def _care(known: ContractCarePlan | None, request: str) -> str:
    """The title that the person saw; the request's id while the plan is not known here."""
    titles = {one.id: one.title for one in known.activity} if known else {}
    return titles.get(request, request)


def _retime(session: Session, when: Corrected) -> None:
    if (session.started_ms, session.error_ms, session.time_source) == (when.at_ms, when.error_ms, when.source):
        return
    session.started_ms, session.error_ms, session.time_source = when.at_ms, when.error_ms, when.source
    session.save(update_fields=["started_ms", "error_ms", "time_source"])


def timing(row: LedgerRow, stamp: Stamp) -> dict[str, int | bool | str | None]:
    """The fields of a Timed that say when. Raises Unfit."""
    check_stamps(stamp)
    when = plausible(correct(row.device, stamp), row.received_ms)
    told = {"at_ms": when.at_ms, "error_ms": when.error_ms, "time_source": when.source}
    return {**raw(stamp), **told, "received_ms": row.received_ms}


def retime(kind: type[Timed], device: Device, boot: str) -> None:
    """A better exchange of this boot is known: correct what stands alone."""
    for one in kind._default_manager.filter(device=device, boot=boot):  # noqa: SLF001  # public
        when = plausible(correct(device, stamp_of(one)), one.received_ms)
        if (one.at_ms, one.error_ms, one.time_source) != (when.at_ms, when.error_ms, when.source):
            one.at_ms, one.error_ms, one.time_source = when.at_ms, when.error_ms, when.source
            one.save(update_fields=["at_ms", "error_ms", "time_source"])


def retime_boot(device: Device, boot: str) -> None:
    """A better exchange of this boot is known: correct the sessions that began in it."""
    for heard in Listening.objects.filter(session__device=device, boot=boot).select_related("session"):
        _retime(heard.session, correct(device, stamp_of(heard)))
    waiting = Evaluation.objects.filter(session__device=device, boot=boot, moment="before", session__listenings=None)
    for told in waiting.select_related("session"):
        _retime(told.session, correct(device, stamp_of(told)))


def stamp_of(result: StampedResult) -> Stamp:
    return Stamp(wall_ms=result.wall_ms, trusted=result.trusted, boot=result.boot, monotonic_ms=result.monotonic_ms)


def raw(stamp: Stamp) -> dict[str, int | bool | str]:
    """What the machine's own clock said, though the box may have known better: our correction comes beside it."""
    own = stamp.machine_ms is None
    return {
        "wall_ms": stamp.wall_ms if stamp.machine_ms is None else stamp.machine_ms,
        "trusted": stamp.trusted and own,
        "boot": text(stamp.boot),
        "monotonic_ms": stamp.monotonic_ms,
    }


def check_stamps(*stamps: Stamp) -> None:
    for stamp in stamps:
        check_whole(stamp.wall_ms, stamp.monotonic_ms, stamp.machine_ms or 0)
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
