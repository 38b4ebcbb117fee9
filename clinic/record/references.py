"""Every place in every app that speaks of a patient: an app that is added is found too."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet

from clinic.people.models import Patient

Reference = models.ForeignKey[Any, Any]


def references_to_patients() -> Iterator[Reference]:
    """The fields, in one order; those that are one for each patient (what is reckoned and kept) are left out."""
    for model in sorted(apps.get_models(), key=_label):
        for field in model._meta.get_fields():  # noqa: SLF001  # public
            if isinstance(field, models.ForeignKey) and field.related_model is Patient and not field.unique:
                yield field


def rows_of(model: type[models.Model]) -> QuerySet[Any]:
    return model._default_manager.all()  # noqa: SLF001  # public


def name_of(field: Reference) -> str:
    """As `people.RelatedPerson.patient`."""
    return f"{_label(field.model)}.{field.name}"


def app_of(field: Reference) -> str:
    return _label(field.model).partition(".")[0]


def _label(model: type[models.Model]) -> str:
    return model._meta.label  # noqa: SLF001  # public
