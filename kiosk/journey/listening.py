"""From "ready" to the end of the sound. There is no pause: it is heard whole, stopped, interrupted, or it failed."""

from dataclasses import replace

from msgspec import structs

from kiosk.journey import evaluation, framing, loudness, remembering
from kiosk.journey.draft import Draft, is_recent
from kiosk.journey.effects import Collect, Light, Prepare, Reserve, SetGain, Start, Stop
from kiosk.journey.events import Sound
from kiosk.journey.places.stopped import StoppedCare
from kiosk.journey.session import Session, draft_of_session
from kiosk.journey.state import Home, Journey, Noticing, OwnCause, Place, Playing, Ready, Resting, Returning
from kiosk.journey.turn import Turn, go, stay, still_prescribed
from mqtt_bridge.contract.report import Listening, Outcome
from mqtt_bridge.contract.stamp import Stamp

GAPS_MAX = 100
"""Gaps and changes told one by one; all are counted."""
COMMIT_S = 10
"""The position is written so often: after a power cut it is a lower bound of what was heard."""
GAIN_STEP_DB = 3.0
GAIN_STEPS = 8
GAIN_DB_MIN = -40.0
DIM_MS = 60_000
LEVEL_SHOWN_MS = 3_000
STOP_MS_MAX = 20_000
"""A player that was told to stop and has not ended by then hangs: longer than its buffer and its fade."""
PLAYER_BACK_MS = 5_000
"""How long the player may take to be found again before its session is called interrupted."""
LEFT_READY_MS = 15 * 60_000
READY_MS_MAX = 45_000
"""A player that has neither armed nor failed by then is silent: longer than it waits for its device itself."""


def make_ready(journey: Journey, session: Session, at: Stamp) -> Turn:
    if (later := framing.not_yet(journey, session.request, at)) is not None:
        return go(journey, Noticing("not-yet", not_yet=later))
    volume = loudness.volume_of(journey, session.request, session.plan.patient, at)
    if isinstance(volume, loudness.NotOffered):
        return go(journey, framing.not_offered(volume))
    session = replace(session, volume=volume)
    return go(journey, Ready(session, at.monotonic_ms), Reserve(), _prepare(session), Light("breathing"))


def reckoned_anew(journey: Journey, ready: Ready, at: Stamp) -> Turn:
    """What decides the level has changed while all was ready: the care begins at the new one, or not at all."""
    volume = loudness.volume_of(journey, ready.session.request, ready.session.plan.patient, at)
    if isinstance(volume, loudness.NotOffered):
        return _let_go(journey, ready, framing.not_offered(volume))
    if volume == ready.session.volume:
        return stay(journey)
    session = replace(ready.session, volume=volume)
    again = replace(ready, session=session, armed=False, since_ms=at.monotonic_ms)
    return go(journey, again, _prepare(session), Light("breathing"))


def pressed(journey: Journey, ready: Ready, at: Stamp) -> Turn:
    """The button starts the care. The order to the player goes before the disk: `ready` is on the disk already."""
    if not ready.armed:
        return stay(journey)
    if (later := framing.not_yet(journey, ready.session.request, at)) is not None:
        return _let_go(journey, ready, Noticing("not-yet", not_yet=later))
    gain_db = _gain_db(ready.session)
    sound = Sound("playing", ready.session.id, gain_db=gain_db, headphones=ready.headphones)
    playing = Playing(ready.session, at, sound, gain_db, at.monotonic_ms)
    turn = go(journey, playing, Light("off"))
    return replace(turn, at_once=(Start(ready.session.id),))


def leave_ready(journey: Journey, ready: Ready) -> Turn:
    return go(journey, Home(), Stop(ready.session.id), Collect(ready.session.id), Light("off"))


def left_unready(journey: Journey, ready: Ready, code: str, cause: OwnCause = "") -> Turn:
    """What was made ready is let go, and the reason is shown."""
    return _let_go(journey, ready, Noticing(code, cause))


def _let_go(journey: Journey, ready: Ready, notice: Noticing) -> Turn:
    turn = leave_ready(journey, ready)
    return replace(turn, journey=replace(turn.journey, place=notice))


def touched(journey: Journey, playing: Playing, target: str, at: Stamp) -> Turn:
    playing = replace(playing, touched_ms=at.monotonic_ms, at_cap=False)
    if target in ("softer", "louder"):
        return _gain(journey, playing, 1 if target == "louder" else -1)
    if target == "stop" and playing.stopping_ms is None:
        return go(journey, replace(playing, asking_to_stop=True))
    if target == "no":
        return go(journey, replace(playing, asking_to_stop=False))
    if target == "yes" and playing.asking_to_stop:
        stopping = replace(playing, asking_to_stop=False, stopping_ms=at.monotonic_ms)
        return go(journey, stopping, Stop(playing.session.id))
    return go(journey, playing)


def gain_level(request_max_db: float, gain_db: float) -> int:
    """The step of a gain: 0 is the softest, GAIN_STEPS the loudest that the plan allows."""
    return max(0, GAIN_STEPS - round((request_max_db - gain_db) / GAIN_STEP_DB))


def heard(journey: Journey, sound: Sound, at: Stamp) -> Turn:
    """The player says where it is."""
    match journey.place:
        case Ready(session) as ready if sound.session in (None, session.id):
            return _while_ready(journey, ready, sound, at)
        case Playing(session) as playing if sound.session in (None, session.id):
            return _while_playing(journey, playing, sound, at)
        case Returning() as returning:
            return _found_again(journey, returning, sound, at)
        case _:
            return _strange(journey, sound)


def _strange(journey: Journey, sound: Sound) -> Turn:
    """A session that is not the one under way: its result is written already, or nobody is there to hear it."""
    if sound.session is None:
        return stay(journey)
    if sound.phase == "fading":
        return stay(journey)  # it has been told already
    again = (_prepare(journey.place.session),) if isinstance(journey.place, Ready) else ()
    order = Collect(sound.session) if sound.phase == "ended" else Stop(sound.session)
    return Turn(journey, then=(order, *again))


def player_gone(journey: Journey, at: Stamp) -> Turn:
    match journey.place:
        case Ready() as ready:
            return go(journey, replace(ready, armed=False, since_ms=at.monotonic_ms), Light("breathing"))
        case Playing() as playing:
            return go(journey, Returning(playing.session, draft_of_playing(playing), at.monotonic_ms))
        case _:
            return stay(journey)


def waited(journey: Journey, at: Stamp) -> Turn:
    """Time has passed while the care plays, or while the player is looked for."""
    match journey.place:
        case Returning() as returning if at.monotonic_ms - returning.since_ms >= PLAYER_BACK_MS:
            ready = returning.draft.step == "ready"
            return (
                go(journey, Noticing("care-failed", "player-gone")) if ready else _interrupted(journey, returning, at)
            )
        case Ready() as ready if not ready.armed and at.monotonic_ms - ready.since_ms >= READY_MS_MAX:
            return _never_ready(journey, ready)
        case Ready() as ready if at.monotonic_ms - journey.touched_ms >= LEFT_READY_MS:
            return leave_ready(journey, ready)
        case Playing() as playing if _hung(playing, at):
            returning = Returning(playing.session, draft_of_playing(playing), at.monotonic_ms)
            return _interrupted(journey, returning, at, "player-silent")
        case Playing() as playing if at.monotonic_ms - playing.touched_ms >= LEVEL_SHOWN_MS:
            return go(journey, replace(playing, level_shown=False, at_cap=False))
        case _:
            return stay(journey)


def _hung(playing: Playing, at: Stamp) -> bool:
    return playing.stopping_ms is not None and at.monotonic_ms - playing.stopping_ms >= STOP_MS_MAX


def alarm_of(playing: Playing) -> int | None:
    """When time changes the night: the level's picture goes, or a stop that never comes is given up."""
    due = [playing.touched_ms + LEVEL_SHOWN_MS] if playing.level_shown else []
    due += [playing.stopping_ms + STOP_MS_MAX] if playing.stopping_ms is not None else []
    return min(due, default=None)


def dim(playing: Playing, now_ms: int) -> bool:
    return now_ms - playing.touched_ms >= DIM_MS


def draft_of_playing(playing: Playing) -> Draft:
    session, sound, told = playing.session, playing.sound, playing.told or Sound("playing")
    return structs.replace(
        draft_of_session(session, "playing"),
        saved=playing.started,
        started=playing.started,
        frames_played=playing.committed,
        frames_total=sound.frames_total,
        rate_hz=sound.rate_hz,
        gain_db=playing.gain_db,
        level_changes=told.level_changes,
        level_changes_total=told.level_changes_total,
        headphones_changes=told.headphones_changes,
        headphones_changes_total=told.headphones_changes_total,
    )


def _prepare(session: Session) -> Prepare:
    request = session.request
    return Prepare(session.id, request.package.id, request.package.fingerprint, _gain_db(session))


def _gain_db(session: Session) -> float:
    return session.volume.gain_db if session.volume else GAIN_DB_MIN


def loudest_db(playing: Playing) -> float:
    """Where "louder" ends: the plan's cap, or what the week still holds. Not known: no louder than now."""
    return playing.session.volume.gain_max_db if playing.session.volume else playing.gain_db


def _gain(journey: Journey, playing: Playing, direction: int) -> Turn:
    loudest = loudest_db(playing)
    softest = max(GAIN_DB_MIN, min(_gain_db(playing.session), loudest - GAIN_STEPS * GAIN_STEP_DB))
    gain_db = min(loudest, max(softest, playing.gain_db + direction * GAIN_STEP_DB))
    at_cap = direction > 0 and playing.gain_db >= loudest
    playing = replace(playing, gain_db=gain_db, level_shown=True, at_cap=at_cap)
    return go(journey, playing, *(() if at_cap else (SetGain(playing.session.id, gain_db),)))


def _never_heard(sound: Sound) -> bool:
    """The player let the device go before anybody pressed the button: no care has begun."""
    return sound.outcome == "interrupted" and sound.frames_played == 0


def _never_ready(journey: Journey, ready: Ready) -> Turn:
    return left_unready(journey, ready, "care-failed", "player-silent")


def _while_ready(journey: Journey, ready: Ready, sound: Sound, at: Stamp) -> Turn:
    if sound.phase == "idle":
        # It never heard us, or has restarted: asked again. Asking twice changes nothing.
        return go(journey, replace(ready, armed=False), _prepare(ready.session))
    if sound.phase == "ended" and _never_heard(sound):
        again = replace(ready, armed=False, since_ms=at.monotonic_ms)
        return go(journey, again, Collect(ready.session.id), _prepare(ready.session))
    if sound.phase == "ended":
        return _ended(journey, ready.session, at, sound, at)
    if sound.phase in ("playing", "fading"):  # a start that a kill kept us from noting
        playing = Playing(ready.session, at, sound, sound.gain_db, at.monotonic_ms, told=sound)
        return go(journey, playing, Light("off"))
    armed = sound.phase == "ready"
    lit = () if armed == ready.armed else (Light("on" if armed else "breathing"),)
    return go(journey, replace(ready, armed=armed, headphones=sound.headphones), *lit)


def _while_playing(journey: Journey, playing: Playing, sound: Sound, at: Stamp) -> Turn:
    if sound.phase == "ended":
        return _ended(journey, playing.session, playing.started, sound, at)
    if sound.phase not in ("playing", "fading"):
        return stay(journey)  # the order to start is on its way
    since_commit = sound.frames_played - playing.committed
    due = sound.rate_hz and since_commit >= COMMIT_S * sound.rate_hz
    playing = replace(playing, sound=sound)
    return go(journey, replace(playing, committed=sound.frames_played, told=sound) if due else playing)


def _found_again(journey: Journey, returning: Returning, sound: Sound, at: Stamp) -> Turn:
    session, draft = returning.session, returning.draft
    started = draft.started or at
    if sound.session != session.id or sound.phase in ("idle", "preparing", "ready"):
        return _not_started(journey, returning, at) if draft.step == "ready" else _interrupted(journey, returning, at)
    if sound.phase == "ended" and draft.step == "ready" and _never_heard(sound):
        turn = _not_started(journey, returning, at)
        return replace(turn, then=(Collect(session.id), *turn.then))
    if sound.phase == "ended":
        return _ended(journey, session, started, sound, at)
    playing = Playing(session, started, sound, sound.gain_db, at.monotonic_ms, draft.frames_played, told=sound)
    return go(journey, playing)


def _ended(journey: Journey, session: Session, started: Stamp, sound: Sound, at: Stamp) -> Turn:
    report = Listening(
        session=session.id,
        request=session.request.id,
        package=session.request.package.id,
        fingerprint=session.request.package.fingerprint,
        outcome=_outcome(sound),
        started=started,
        ended=at,
        rate_hz=sound.rate_hz,
        frames_total=sound.frames_total,
        frames_played=sound.frames_played,
        gaps=sound.gaps[:GAPS_MAX],
        gaps_total=sound.gaps_total,
        gain_db=sound.gain_db,
        cause=sound.cause,
        level_changes=sound.level_changes[:GAPS_MAX],
        level_changes_total=sound.level_changes_total,
        headphones_changes=sound.headphones_changes[:GAPS_MAX],
        headphones_changes_total=sound.headphones_changes_total,
    )
    report = loudness.report_of(report, session.volume)
    place = _after(journey, session, sound, at)
    turn = go(journey, place, Collect(session.id), Light("off"), reports=(report,))
    return replace(turn, notes=(remembering.of_care(session),))


def _after(journey: Journey, session: Session, sound: Sound, at: Stamp) -> Place:
    outcome = _outcome(sound)
    if journey.plan is not None and journey.plan.patient.id != session.plan.patient:
        return Home()  # the box has another person now: they are not asked about this care
    if outcome == "failed":
        return Noticing("care-broken" if sound.frames_played else "care-failed", sound.cause)
    if outcome == "interrupted":
        return Noticing("care-interrupted", sound.cause, not_yet=framing.not_again(journey, session, at))
    if outcome == "stopped":
        return StoppedCare(session, at)
    asking = evaluation.begin(session, "after", at, ended=at)
    asleep = outcome == "heard_whole" and session.request.kind == "sleep"
    return Resting(asking) if asleep else asking


def _outcome(sound: Sound) -> Outcome:
    return sound.outcome or "failed"


def _not_started(journey: Journey, returning: Returning, at: Stamp) -> Turn:
    """The care was ready when the kiosk went: it is made ready again, or left when time has passed."""
    if is_recent(returning.draft, at) and still_prescribed(journey, returning.session):
        return make_ready(journey, returning.session, at)
    return go(journey, Home(), Stop(returning.session.id), Collect(returning.session.id))


def _interrupted(journey: Journey, returning: Returning, at: Stamp, cause: OwnCause = "") -> Turn:
    """Neither the player nor anyone knows where the sound ended: what was last written is a lower bound."""
    draft, request = returning.draft, returning.session.request
    same_boot = draft.saved.boot == at.boot or (draft.started is not None and draft.started.boot == at.boot)
    cause = cause or ("player-lost" if same_boot else "power-lost")
    report = Listening(
        session=draft.session,
        request=request.id,
        package=request.package.id,
        fingerprint=request.package.fingerprint,
        outcome="interrupted",
        started=draft.started or at,
        ended=at,
        rate_hz=draft.rate_hz,
        frames_total=draft.frames_total,
        frames_played=draft.frames_played,
        frames_exact=False,
        gain_db=draft.gain_db,
        cause=cause,
        level_changes=draft.level_changes,
        level_changes_total=draft.level_changes_total,
        headphones_changes=draft.headphones_changes,
        headphones_changes_total=draft.headphones_changes_total,
    )
    report = loudness.report_of(report, draft.volume)
    later = framing.not_again(journey, returning.session, at) if report.frames_played else None
    turn = go(journey, Noticing("care-interrupted", cause, not_yet=later), Light("off"), reports=(report,))
    return replace(turn, notes=(remembering.of_care(returning.session),))
