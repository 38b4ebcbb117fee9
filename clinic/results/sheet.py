"""What a batch of reports of cares writes: looked up by few questions, gathered here, written by few statements.

A batch of one is written the same way, so that there is one form of every row.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from django.db import connection

from clinic.fleet.corrected_time import Corrected, corrected
from clinic.fleet.models import BootClock, DeviceAssociation
from clinic.plans.models import CarePlan
from clinic.results.answers import text
from clinic.results.inserting import Inserting
from clinic.results.models import Answer, Evaluation, Listening, Session
from mqtt_bridge.contract import report as contract
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.report import Report
from mqtt_bridge.contract.stamp import Stamp

PLANS_KEPT = 512

_SESSIONS = Inserting(Session, "device_id", "session", "id")
_EVALUATIONS = Inserting(Evaluation, "row_id", "id")
_ANSWERS, _LISTENINGS = Inserting(Answer), Inserting(Listening)
_RETIME = "UPDATE results_session SET started_ms = %s, error_ms = %s, time_source = %s WHERE id = %s"


class Overtaken(Exception):
    """Another process wrote the same session meanwhile: undo this and look again."""


class Filed(Protocol):
    """A row of the ledger, as what it says needs it."""

    @property
    def pk(self) -> Any: ...
    @property
    def device_id(self) -> str: ...
    @property
    def received_ms(self) -> int: ...


def version_of(report: Report) -> int | None:
    return report.plan_version if report.plan_version and 0 < report.plan_version < 2**31 else None


def when_of(content: contract.Evaluation | contract.Listening) -> Stamp:
    """The stamp that says when it began."""
    return content.asked if isinstance(content, contract.Evaluation) else content.started


@dataclass
class Care:
    """One session: as the database has it (`pk`), or to be written."""

    columns: dict[str, Any]
    pk: int | None = None
    heard: bool = False
    """Whether its listening is known: then that tells when it began."""
    moved: bool = False

    def begins(self, when: Corrected) -> None:
        told = {"started_ms": when.at_ms, "error_ms": when.error_ms, "time_source": when.source}
        if any(self.columns[name] != value for name, value in told.items()):
            self.columns.update(told)
            self.moved = True


@dataclass
class Sheet:
    """For the reports of one batch, and no others: it has looked up what those name."""

    _clocks: dict[tuple[str, str], BootClock] = field(default_factory=dict)
    _boxes: set[tuple[str, str]] = field(default_factory=set)
    _plans: dict[tuple[str, int], ContractCarePlan] = field(default_factory=dict)
    _cares: dict[tuple[str, str], Care] = field(default_factory=dict)
    _evaluations: list[tuple[Care, dict[str, Any], list[dict[str, Any]]]] = field(default_factory=list)
    _listenings: list[tuple[Care, dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def of(cls, told: Sequence[tuple[Filed, Report]]) -> "Sheet":
        sheet = cls()
        both = contract.Evaluation | contract.Listening
        cares = [(row.device_id, r.content, r) for row, r in told if isinstance(r.content, both)]
        devices = {device for device, _, _ in cares}
        sheet._look_up_clocks(devices, {text(when_of(content).boot) for _, content, _ in cares})
        sheet._boxes = set(_filter(DeviceAssociation, device_id=devices).values_list("device_id", "patient_id"))
        sheet._look_up_sessions(devices, {content.session for _, content, _ in cares})
        sheet._look_up_plans(r for device, content, r in cares if (device, content.session) not in sheet._cares)
        return sheet

    # What was looked up

    def correct(self, device: str, stamp: Stamp) -> Corrected:
        return corrected(self._clocks.get((device, text(stamp.boot))), stamp)

    def was_for(self, device: str, patient: str) -> bool:
        return (device, patient) in self._boxes

    def plan(self, report: Report) -> ContractCarePlan | None:
        """Of a session that is new in this batch."""
        return self._plans.get((report.plan or "", version_of(report) or 0))

    def care(self, device: str, session: str) -> Care | None:
        return self._cares.get((device, session))

    # What is to be written

    def begin(self, device: str, session: str, columns: dict[str, Any]) -> Care:
        care = Care({"device_id": device, "session": session, **columns})
        self._cares[device, session] = care
        return care

    def evaluation(self, care: Care, columns: dict[str, Any], answers: list[dict[str, Any]]) -> None:
        self._evaluations.append((care, columns, answers))

    def listening(self, care: Care, columns: dict[str, Any]) -> None:
        care.heard = True
        self._listenings.append((care, columns))

    def write(self) -> None:
        """Raises Overtaken: nothing of it may stay."""
        self._write_sessions()
        self._write_evaluations()
        _LISTENINGS.rows([{**columns, "session_id": care.pk} for care, columns in self._listenings])

    def _write_sessions(self) -> None:
        # In one order everywhere: two processes that wait for each other's rows would wait for ever.
        cares = sorted(self._cares.items())
        new = {key: care for key, care in cares if care.pk is None}
        for device, session, pk in _SESSIONS.rows([care.columns for care in new.values()], unless_there=True):
            new[device, session].pk = pk
        if any(care.pk is None for care in new.values()):
            raise Overtaken
        moved = [c for key, c in cares if c.moved and key not in new]
        if moved:
            with connection.cursor() as cursor:
                names = ("started_ms", "error_ms", "time_source")
                cursor.executemany(_RETIME, [(*(c.columns[name] for name in names), c.pk) for c in moved])

    def _write_evaluations(self) -> None:
        columns = [{**told, "session_id": care.pk} for care, told, _ in self._evaluations]
        keys = dict(_EVALUATIONS.rows(columns))
        answers = [
            {**answer, "evaluation_id": keys[told["row_id"]]}
            for _, told, answers in self._evaluations
            for answer in answers
        ]
        _ANSWERS.rows(answers)

    # Looking up

    def _look_up_clocks(self, devices: set[str], boots: set[str]) -> None:
        found = _filter(BootClock, device_id=devices, boot=boots)
        self._clocks = {(clock.device_id, clock.boot): clock for clock in found}

    def _look_up_sessions(self, devices: set[str], sessions: set[str]) -> None:
        names = ("device_id", "session", "patient_id", "request", "started_ms", "error_ms", "time_source")
        for pk, *values in _filter(Session, device_id=devices, session=sessions).values_list("pk", *names):
            columns = dict(zip(names, values, strict=True))
            self._cares[columns["device_id"], columns["session"]] = Care(columns, pk)
        if self._cares:
            known = {care.pk: care for care in self._cares.values() if care.pk is not None}
            for pk in Listening.objects.filter(session_id__in=known).values_list("session_id", flat=True):
                known[pk].heard = True

    def _look_up_plans(self, reports: Iterable[Report]) -> None:
        wanted = {(r.plan, version) for r in reports if r.plan and (version := version_of(r))}
        found = _filter(CarePlan, plan={plan for plan, _ in wanted}, version={version for _, version in wanted})
        for plan, version, document in found.values_list("plan", "version", "document"):
            if (plan, version) in wanted:
                self._plans[plan, version] = _read_plan(bytes(document))


@lru_cache(PLANS_KEPT)
def _read_plan(document: bytes) -> ContractCarePlan:
    return decode(document, ContractCarePlan)


def _filter(model: Any, **among: Collection[Any]) -> Any:
    """The rows whose columns are each among these; no question when that is none."""
    if not all(among.values()):
        return model.objects.none()
    return model.objects.filter(**{f"{name}__in": values for name, values in among.items()})
