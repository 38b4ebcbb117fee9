"""Whoever is in care already stays so: a référent for each team, and an access that counts as validated.

Back: roles that the former version does not know become the nearest that sees no more, and who may read only a part
leaves the care teams, because that version would show them all of it.
"""

import time

from django.db import migrations
from django.db.models import OuterRef, Subquery

REFERENTS = ("physician", "therapist", "nurse")
FORMER_ROLE = {
    "coordinating-nurse": "nurse",
    "advanced-practice-nurse": "nurse",
    "social-worker": "technician",
    "administrator": "technician",
}


def take_over(apps, _schema_editor):
    participants = apps.get_model("people", "CareTeamParticipant")
    eligible = participants.objects.filter(until_ms=None, practitioner__role__in=REFERENTS)
    first = eligible.filter(patient=OuterRef("patient")).order_by("since_ms", "pk").values("pk")[:1]
    participants.objects.filter(pk=Subquery(first)).update(referring=True)
    now_ms = time.time_ns() // 1_000_000
    requests = apps.get_model("people", "AccessRequest")
    referring = participants.objects.filter(referring=True, until_ms=None).order_by("pk")
    requests.objects.bulk_create(
        requests(
            patient_id=patient,
            asked_of_id=referent,
            asker="staff",
            words="En soin avant que les demandes d’accès n’existent.",
            entered_ms=now_ms,
            decided_ms=now_ms,
            accepted=True,
            reason="Repris à la mise à jour : le soin était en cours.",
        )
        for patient, referent in referring.values_list("patient_id", "practitioner_id")
    )


def give_back(apps, _schema_editor):
    practitioners = apps.get_model("people", "Practitioner")
    part_only = practitioners.objects.filter(role__in=("social-worker", "administrator"))
    participants = apps.get_model("people", "CareTeamParticipant").objects.filter(until_ms=None)
    participants.filter(practitioner__in=part_only).update(until_ms=time.time_ns() // 1_000_000)
    for role, former in FORMER_ROLE.items():
        practitioners.objects.filter(role=role).update(role=former)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_people_and_access")]
    operations = [migrations.RunPython(take_over, give_back)]
