"""Rows of one patient in every table of the clinic, made from the models themselves, with a marked word in every text.

A table that is added later is planted too, and every page walked with it. What cannot be made so is told how to.
"""

import itertools
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from clinic.fleet.models import Device
from clinic.people.models import Establishment, Patient, Practitioner

Mark = Callable[[int], str]
"""From a number to a marked word: each text has another one."""
Row = models.Model
IN_JSON = "<i>ZQPLANT\"'&"
BY_HAND: dict[str, dict[str, Any]] = {
    "correspondence.MessageToPatient": {"text": [IN_JSON], "replies": [IN_JSON]},
    "people.Provenance": {"changes": {"given": [IN_JSON, IN_JSON]}},
    "coordination.HandoverLine": {"found": [{"kind": "task", "since_ms": 1, "what": IN_JSON, "new": True}]},
}
"""By model ("app.Model"): fields that a rule asks for where the first guess does not hold, and texts within JSON."""
GIVEN_ONCE = (Patient, Practitioner, Device, Establishment)


def of_patients() -> list[type[Row]]:
    """Every table whose rows belong to one patient, by whatever way of keys."""
    ours = [one for one in apps.get_models() if one.__module__.startswith("clinic.")]
    return [one for one in ours if one is not Patient and one not in GIVEN_ONCE and _belongs(one, frozenset())]


def _belongs(model: type[Row], seen: frozenset[type[Row]]) -> bool:
    targets = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
    known = [one for one in targets if isinstance(one, type) and one not in seen]
    if Patient in known:
        return True
    return any(_belongs(one, seen | {model}) for one in known if one not in GIVEN_ONCE)


def _is_free_text(field: Any) -> bool:
    return isinstance(field, models.CharField | models.TextField) and not (
        field.choices or field.primary_key or field.unique
    )


class Planter:
    """`rows`: the row of each table. `given`: those that stand already, for keys to them."""

    def __init__(self, given: dict[type[Row], Row], mark: Mark, but: frozenset[str]) -> None:
        self.rows: dict[type[Row], Row] = {}
        self._given, self._mark, self._but, self._numbers = given, mark, but, itertools.count(1)

    def plant(self) -> dict[type[Row], Row]:
        for model in of_patients():
            if not self._left_out(model):
                self.row(model)
        return self.rows

    def _left_out(self, model: type[Row]) -> bool:
        """Named so, or never without one that is."""
        needed = [f.related_model for f in model._meta.concrete_fields if f.related_model and not f.null]
        return bool({model._meta.label, *(one._meta.label for one in needed)} & self._but)

    def row(self, model: type[Row]) -> Row:
        if model in self._given:
            return self._given[model]
        if model not in self.rows:
            self.rows[model] = self._make(model)
        return self.rows[model]

    def _make(self, model: type[Row]) -> Row:
        stands = self._of_the_patient(model)
        return self._marked(stands) if stands is not None else self._new(model)

    def _of_the_patient(self, model: type[Row]) -> Row | None:
        """Of which a patient has one already: it is marked instead."""
        keys = [field.name for field in model._meta.concrete_fields if field.related_model is Patient]
        return model._default_manager.filter(**{keys[0]: self._given[Patient]}).first() if keys else None

    def _marked(self, row: Row) -> Row:
        told = {field.name: self._value(field) for field in row._meta.concrete_fields if _is_free_text(field)}
        if told:
            type(row)._default_manager.filter(pk=row.pk).update(**told)
        return row

    def _new(self, model: type[Row]) -> Row:
        by_hand = BY_HAND.get(model._meta.label, {})
        told = {
            field.name: self._value(field)
            for field in model._meta.concrete_fields
            if not (field.primary_key and field.has_default()) and not isinstance(field, models.AutoField)
        }
        try:
            with transaction.atomic():
                return model._default_manager.create(**{**told, **by_hand})
        except IntegrityError as error:
            raise AssertionError(
                f"{model._meta.label} cannot be planted: {error}; say its fields in BY_HAND (tests/clinic/planting.py)"
            ) from error

    def _value(self, field: Any) -> Any:
        number = next(self._numbers)
        if field.is_relation:
            return self._related(field)
        if field.choices:
            return next(key for key, _ in field.flatchoices if key)
        match field:
            case models.CharField() | models.TextField():
                return self._mark(number)[: field.max_length or 500]
            case models.BooleanField():
                return field.get_default() if field.has_default() else False
            case models.JSONField():
                return field.get_default() if field.has_default() else None if field.null else []
            case models.BinaryField():
                return b"x"
            case models.DateTimeField():
                return timezone.now()
            case models.DateField():
                return timezone.now().date()
            case _:
                return None if field.null else number

    def _related(self, field: Any) -> Row | None:
        target = field.related_model
        if target in self._given:
            return self._given[target]
        if field.one_to_one:  # each has its own
            return self._make(target)
        if field.null and (target is field.model or target._meta.label in self._but):
            return None
        return self.row(target)


def plant(
    patient: Patient, staff: Practitioner, device: Device, mark: Mark, but: frozenset[str] = frozenset()
) -> dict[type[Row], Row]:
    """One row of each table of patients, of this one. Their names are marked too."""
    house = patient.establishment or Establishment.objects.create(name=mark(0))
    given: dict[type[Row], Row] = {Patient: patient, Practitioner: staff, Device: device, Establishment: house}
    rows = Planter(given, mark, but).plant()
    texts = [f for f in Patient._meta.concrete_fields if isinstance(f, models.CharField | models.TextField)]
    told = {f.name: mark(n)[: f.max_length or 500] for n, f in enumerate(texts) if not (f.choices or f.primary_key)}
    Patient.objects.filter(pk=patient.pk).update(**told)
    return rows


def as_they_are(rows: dict[type[Row], Row]) -> dict[str, Any]:
    """Every field of every planted row, to see that nothing changed."""
    return {model._meta.label: model._default_manager.filter(pk=row.pk).values().first() for model, row in rows.items()}
