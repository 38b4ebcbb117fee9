"""How loud a care may be for this person today, and what it has added to their week. Arithmetic of `audio.hearing`."""

import math
from dataclasses import dataclass
from typing import Literal

from msgspec import structs

from audio.hearing.dose import Mode, percent
from audio.hearing.offer import GAIN_DB_MIN, NotNow, Offer, Wish, offer
from audio.hearing.session import Heard, Played, heard
from kiosk.journey.draft import Volume
from kiosk.journey.events import Ears
from kiosk.journey.state import Journey
from mqtt_bridge.contract.care import ServiceRequest
from mqtt_bridge.contract.report import Listening
from mqtt_bridge.contract.stamp import Stamp

LUFS_MAX = 0.0
"""What is reckoned with for a package that cannot be read. The player will refuse it, and say why."""


@dataclass(frozen=True)
class NotOffered:
    """`week`: possible again in so many milliseconds; `device`: never on this box; `unknown`: nothing is known yet."""

    why: Literal["week", "device", "unknown"]
    in_ms: int | None = None


def volume_of(journey: Journey, request: ServiceRequest, patient: str, at: Stamp) -> Volume | NotOffered:
    """What the prescription, the week and the box allow together."""
    ears = journey.ears
    if ears is None or ears.patient != patient:
        return NotOffered("unknown")
    sensitive = journey.plan is None or journey.plan.sensitive
    told = next((one for one in ears.packages if one.package == request.package.id), None)
    week_pa2h = _week_pa2h(ears, at.monotonic_ms)
    if told is None:
        loudest = ears.dba_at_0_lufs + LUFS_MAX
        return Volume(GAIN_DB_MIN, GAIN_DB_MIN, loudest, ears.calibration, week_pa2h, sensitive)
    dba_at_0_db = ears.dba_at_0_lufs + told.lufs
    wish = _wish(in_force(journey, request), told.duration_s, "sensitive" if sensitive else "adult")
    match offer(wish, dba_at_0_db, week_pa2h):
        case Offer(gain_db, gain_max_db, softened):
            return Volume(gain_db, gain_max_db, dba_at_0_db, ears.calibration, week_pa2h, sensitive, softened)
        case NotNow("week"):
            return NotOffered("week", _possible_in_ms(wish, dba_at_0_db, ears, at.monotonic_ms))
        case NotNow(why):
            return NotOffered(why)


def report_of(report: Listening, volume: Volume | None) -> Listening:
    """The report with what was heard: level, exposure, the week's percent. Unchanged when the volume is not known."""
    if volume is None:
        return report
    kept = structs.replace(
        report, calibration=volume.calibration, sensitive=volume.sensitive, gain_start_db=volume.gain_db
    )
    ear = _heard(kept, volume)
    if ear is None:
        return kept
    mode: Mode = "sensitive" if volume.sensitive else "adult"
    return structs.replace(
        kept,
        level_dba=ear.level_dba,
        level_max_dba=ear.level_max_dba,
        dose_pa2h=ear.pa2h,
        dose_week_percent=percent(volume.week_pa2h + ear.pa2h, mode),
    )


def _heard(report: Listening, volume: Volume) -> Heard | None:
    untold = report.level_changes_total > len(report.level_changes)
    played = Played(
        frames=report.frames_played,
        frames_total=report.frames_total,
        rate_hz=report.rate_hz,
        gain_db=volume.gain_db,
        changes=tuple((change.at_frame, change.gain_db) for change in report.level_changes),
        gain_untold_db=volume.gain_max_db if untold else None,
    )
    return heard(played, volume.dba_at_0_db)


def in_force(journey: Journey, request: ServiceRequest) -> ServiceRequest:
    """The same prescription as the plan has it now: who lowers a level does not wait for the next choice."""
    activity = journey.plan.activity if journey.plan else ()
    return next((one for one in activity if (one.id, one.package) == (request.id, request.package)), request)


def _wish(request: ServiceRequest, package_s: float, mode: Mode) -> Wish:
    return Wish(
        level_dba=request.level_dba,
        level_max_dba=request.level_max_dba,
        gain_db=request.gain_db,
        gain_max_db=request.gain_max_db,
        duration_s=max(float(request.duration_s), package_s),
        mode=mode,
    )


def _week_pa2h(ears: Ears, now_ms: int) -> float:
    return math.fsum(one.pa2h for one in ears.heard if one.until_ms > now_ms)


def _possible_in_ms(wish: Wish, dba_at_0_db: float, ears: Ears, now_ms: int) -> int | None:
    """When enough of the week is over; None when that is not to be foreseen."""
    for until_ms in sorted(one.until_ms for one in ears.heard if one.until_ms > now_ms):
        if isinstance(offer(wish, dba_at_0_db, _week_pa2h(ears, until_ms)), Offer):
            return until_ms - now_ms
    return None
