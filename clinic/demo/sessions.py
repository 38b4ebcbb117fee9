"""The sessions of the invented people, as rows of the record: what boxes would have sent and ingest would have written.

The ledger's rows are there without their sealed bytes: no box has sealed anything here.
"""

import json

from clinic.demo.course import ITEMS, Listened, Scores
from clinic.demo.prescriptions import AFTER, fingerprint, plan_id
from clinic.demo.rows import Rows
from clinic.results.models import (
    Answer,
    Evaluation,
    FormAnswer,
    FormResponse,
    LedgerRow,
    Listening,
    Reading,
    Session,
    StopReason,
)

RATE_HZ = 48_000
EPOCH = "00000000000de300"
COMMENT = "commentaire"
CONES = "urn:chevet:questionnaire:cinq-cones|1"
DAY_AFTER = "urn:chevet:questionnaire:jour-apres|1"
DAY_MS, MINUTE_MS = 86_400_000, 60_000
_OF_A_DAY = ("angoisse", "douleur", "plaisir")
_STAMP = ("wall_ms", "trusted", "boot", "monotonic_ms")
_RECEIVED_AFTER_MS = 3_000


class SessionRows:
    """All tables that a session touches, filled together."""

    def __init__(self, reader: int, now_ms: int) -> None:
        self._reader, self._now_ms = reader, now_ms
        self._seq: dict[str, int] = {}
        ledger = ("device_id", "stream", "epoch", "seq", "state", "report", "received_ms")
        self.ledger = Rows(LedgerRow, ledger)
        session = (
            "device_id",
            "session",
            "patient_id",
            "request",
            "care",
            "plan",
            "plan_version",
            "started_ms",
            "error_ms",
        )
        self.sessions = Rows(Session, (*session, "time_source", "first_received_ms"))
        ended = tuple(f"ended_{name}" for name in _STAMP)
        heard = (
            "outcome",
            "package",
            "fingerprint",
            "rate_hz",
            "frames_total",
            "frames_played",
            "frames_exact",
            "gaps",
        )
        ear = ("gaps_total", "gain_db", "cause", "level_dba", "level_max_dba", "dose_pa2h", "dose_week_percent")
        self.listenings = Rows(
            Listening, ("row_id", "session_id", *_STAMP, *ended, *heard, *ear, "calibration", "gain_start_db")
        )
        told = ("questionnaire", "status", "source", "answered_by", "delay_s")
        self.evaluations = Rows(Evaluation, ("row_id", "session_id", "moment", *_STAMP, *told))
        answer = ("position", "item", "score", "words", "absent_reason")
        self.answers = Rows(Answer, ("evaluation_id", *answer))
        timed = ("device_id", "patient_id", "at_ms", "error_ms", "time_source", "received_ms")
        form = ("occasion", "request", "title", "purpose", "plan", "plan_version", "after", "day")
        self.forms = Rows(FormResponse, ("row_id", *timed, *_STAMP, *form, *told))
        self.form_answers = Rows(FormAnswer, ("response_id", *answer))
        self.reasons = Rows(StopReason, ("row_id", "device_id", "session", "reason"))
        self.readings = Rows(Reading, ("row_id", "reader_id", "read_ms"))

    @property
    def every(self) -> tuple[Rows, ...]:
        """In the order in which they may be written."""
        return (
            self.ledger, self.sessions, self.listenings, self.evaluations, self.answers, self.forms,
            self.form_answers, self.reasons, self.readings,
        )  # fmt: skip

    def write(self) -> int:
        return sum(rows.write() for rows in self.every)

    def add(self, told: Listened, patient: str, box: str, name: str, *, read: bool) -> None:
        """One session of this patient. `read`: the invented référent has opened it since."""
        care, began_ms = told.care, told.at_ms
        played_ms = int(care.duration_s * 1000 * told.played)
        ended_ms = began_ms + MINUTE_MS + played_ms
        session = self.sessions.add(
            box, name, patient, care.id, care.title, plan_id(patient), 1, began_ms, 1000, "box-clock",
            began_ms + _RECEIVED_AFTER_MS,
        )  # fmt: skip
        rows: list[int] = []
        if told.before is not None:
            rows.append(self._evaluation(told, patient, box, session, "before", began_ms))
        rows.append(self._listening(told, box, session, ended_ms))
        if told.after is not None:
            rows.append(self._evaluation(told, patient, box, session, "after", ended_ms))
        if told.stop_reason:
            row = self._row(box, ended_ms)
            self.reasons.add(row, box, name, told.stop_reason)
            rows.append(row)
        for day, scores in told.days:
            at_ms = ended_ms + day * DAY_MS
            if at_ms < self._now_ms - DAY_MS:
                rows.append(self._day_after(patient, box, name, day, scores, at_ms))
        if read:
            for row in rows:
                self.readings.add(row, self._reader, ended_ms + 5 * DAY_MS)

    def _row(self, box: str, at_ms: int) -> int:
        seq = self._seq[box] = self._seq.get(box, 0) + 1
        report = f"00000000-0000-4000-8000-{seq:012}"
        return self.ledger.add(box, "kiosk", EPOCH, seq, "stored", report, at_ms + _RECEIVED_AFTER_MS)

    def _listening(self, told: Listened, box: str, session: int, ended_ms: int) -> int:
        care, began_ms = told.care, told.at_ms + MINUTE_MS
        frames = care.duration_s * RATE_HZ
        gaps = [{"at_frame": frames * (n + 1) // 5, "duration_ms": gap_ms} for n, gap_ms in enumerate(told.gaps_ms)]
        row, played = self._row(box, ended_ms), int(frames * told.played)
        self.listenings.add(
            row, session, *_stamp(began_ms), *_stamp(ended_ms), told.outcome, care.id, fingerprint(care), RATE_HZ,
            frames, played, told.outcome != "interrupted", json.dumps(gaps), len(gaps), -12.0, told.cause,
            *((told.level_dba, told.level_dba + 1, 0.014, told.dose_week_percent) if played else (None,) * 4),
            "Casque de démonstration", -12.0,
        )  # fmt: skip
        return row

    def _evaluation(self, told: Listened, patient: str, box: str, session: int, moment: str, at_ms: int) -> int:
        row = self._row(box, at_ms)
        scores = told.before if moment == "before" else told.after
        comment = told.comment_before if moment == "before" else told.comment_after
        by, source = told.answered_by, _source(told.answered_by, patient)
        evaluation = self.evaluations.add(row, session, moment, *_stamp(at_ms), CONES, "completed", source, by, 0.0)
        add = self.answers.add
        for position, (item, score) in enumerate(zip(ITEMS, scores or (), strict=True)):
            add(evaluation, position, item, score, "", "" if score is not None else "asked-declined")
        add(evaluation, len(ITEMS), COMMENT, None, comment, "" if comment else "asked-declined")
        return row

    def _day_after(self, patient: str, box: str, name: str, day: int, scores: Scores, at_ms: int) -> int:
        row = self._row(box, at_ms)
        when = (at_ms, 1000, "box-clock", at_ms + _RECEIVED_AFTER_MS)
        response = self.forms.add(
            row, box, patient, *when, *_stamp(at_ms), f"{name}-j{day}", AFTER, "Depuis votre soin", "follow-up",
            plan_id(patient), 1, name, day, DAY_AFTER, "completed", f"Patient/{patient}", "self", 0.0,
        )  # fmt: skip
        for position, item in enumerate(_OF_A_DAY):
            score = scores[ITEMS.index(item)]
            self.form_answers.add(response, position, item, score, "", "" if score is not None else "asked-declined")
        return row


def _stamp(at_ms: int) -> tuple[int, bool, str, int]:
    return at_ms, True, "demo", at_ms % 10**9


def _source(answered_by: str, patient: str) -> str:
    kinds = {"relative": f"RelatedPerson/of-{patient}", "carer": f"Practitioner/of-{patient}"}
    return kinds.get(answered_by, f"Patient/{patient}")
