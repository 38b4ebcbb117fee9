"""What the invented clinic has not by itself and some page is about: a plan being written, a task, a handover..."""

from typing import Any

OF = "p-00001"
"""Of this patient."""


def furnish() -> None:
    """Once; a second time finds it there."""
    from clinic.clock import now_ms
    from clinic.coordination import handing_over, tasks
    from clinic.coordination.models import Handover, Task
    from clinic.people.models import Passkey, Patient, Practitioner, RelatedPerson, Team
    from clinic.results.models import LedgerRow

    camille = Practitioner.objects.get(username="camille")
    patient = Patient.objects.get(pk=OF)
    if not RelatedPerson.objects.filter(patient=patient).exists():
        RelatedPerson.objects.create(patient=patient, name="Anne Tilleul", relationship="child", since_ms=now_ms())
    if not Task.objects.filter(kind=Task.Kind.TASK).exists():
        tasks.give(patient, camille, "Appeler la pharmacie")
    if not Handover.objects.exists():
        handing_over.write(Team.objects.order_by("pk")[0], camille, "Une nuit calme.", {})
    alix = Practitioner.objects.get(username="alix")  # of whom no bench signs in by a password
    Passkey.objects.get_or_create(
        practitioner=alix,
        defaults={"name": "Téléphone", "credential": "x", "attested": b"", "counter": 0, "made_ms": 0},
    )
    if not LedgerRow.objects.filter(state=LedgerRow.State.HELD).exists():
        _hold(now_ms())
    _write(patient, camille)


def _hold(at_ms: int) -> None:
    from clinic.fleet.models import Device
    from clinic.results.models import LedgerRow

    LedgerRow.objects.create(
        device=Device.objects.order_by("pk")[0],
        stream="kiosk",
        epoch="00000000000de302",
        seq=1,
        state=LedgerRow.State.HELD,
        payload=b"{}",
        digest="0" * 64,
        received_ms=at_ms,
        problem="the sealed body is damaged",
        code="damaged",
    )


def _write(patient: Any, by: Any) -> None:
    """A plan, a questionnaire and a lesson that somebody is writing."""
    from django.test import Client
    from django.urls import reverse

    from clinic.plans.beginning import from_plan
    from clinic.plans.drafting import draft_of, open_draft
    from clinic.plans.forms import HOUSE_FORM
    from clinic.plans.in_force import plan_in_force
    from clinic.plans.lessons import house_lessons
    from clinic.plans.library import Kind
    from clinic.plans.models import CanonicalResource

    last = plan_in_force(patient)
    if last is not None and draft_of(patient) is None:
        open_draft(patient, by, from_plan(last.content), based_on=last)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(by)
    for kind, page, name in (
        (Kind.QUESTIONNAIRE, "copy-form", HOUSE_FORM),
        (Kind.LESSON, "copy-lesson", next(iter(house_lessons()))),
    ):
        if not CanonicalResource.objects.filter(kind=kind, status=CanonicalResource.Status.DRAFT).exists():
            client.post(reverse(page), {"nom": name})
