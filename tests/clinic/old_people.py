"""People as the first version kept them, brought to this one and back, and forth again. Run as a process on an empty
clinic's databases; prints what became of them."""

import json

import django

django.setup()

from django.db import connections  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.state import StateApps  # noqa: E402


def migrate(alias: str, *targets: tuple[str, str]) -> StateApps:
    executor = MigrationExecutor(connections[alias])
    executor.migrate(list(targets))
    return executor.loader.project_state(list(targets)).apps


def fill() -> None:
    apps = migrate("default", ("people", "0001_initial"), ("console", "0001_initial"))
    people, patients = apps.get_model("people", "Practitioner"), apps.get_model("people", "Patient")
    team = apps.get_model("people", "CareTeamParticipant")
    who = {name: people.objects.create(username=name, role=name) for name in ("technician", "nurse", "physician")}
    for name in ("martin", "leroy", "alone"):
        patients.objects.create(id=name, given="J", family=name)
    for since, (name, patient) in enumerate(
        [("technician", "martin"), ("nurse", "martin"), ("physician", "martin"), ("technician", "leroy")]
    ):
        team.objects.create(patient_id=patient, practitioner=who[name], since_ms=since)
    events = migrate("audit", ("audit", "0003_no_replacing")).get_model("audit", "AuditEvent")
    for number in range(3):
        events.objects.using("audit").create(recorded_ms=number, agent="é", action="read", patient="martin")


def newest() -> dict[str, object]:
    from django.core.management import call_command

    from clinic.audit.verify import verify
    from clinic.people.access import patients_of
    from clinic.people.admission import is_validated
    from clinic.people.models import CareTeamParticipant, Patient, Practitioner

    for alias in ("default", "audit"):
        call_command("migrate", database=alias, verbosity=0)
    referents = CareTeamParticipant.objects.filter(referring=True).values_list("patient", "practitioner__username")
    found = verify()
    return {
        "referents": sorted(map(list, referents)),
        "validated": [patient.pk for patient in Patient.objects.order_by("pk") if is_validated(patient)],
        "nurse reads": [patient.pk for patient in patients_of(Practitioner.objects.get(username="nurse"))],
        "trail": [found.entries, found.unchained, found.faults],
    }


def back() -> list[str]:
    from clinic.people.models import Practitioner

    for role in ("administrator", "social-worker", "advanced-practice-nurse"):
        Practitioner.objects.create(username=role, role=role)
    apps = migrate("default", ("people", "0001_initial"), ("console", "0001_initial"))
    migrate("audit", ("audit", "0003_no_replacing"))
    return sorted(f"{p.username}: {p.role}" for p in apps.get_model("people", "Practitioner").objects.all())


if __name__ == "__main__":
    fill()
    print(json.dumps({"first": newest(), "back": back(), "again": newest()}))
