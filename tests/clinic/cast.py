"""People for tests of access: one of each role in Madame Martin's team, and a patient whom none of them follows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.test import Client

from clinic.coordination import handing_over, tasks
from clinic.coordination.models import Handover, Task
from clinic.correspondence.models import Delivery, DeliveryWord, HelpRequest
from clinic.people import emergency
from clinic.people.admission import request_access
from clinic.people.models import (
    AccessRequest,
    Asker,
    CareTeamParticipant,
    EmergencyAccess,
    Establishment,
    Patient,
    Practitioner,
    RecordMerge,
    RelatedPerson,
    Role,
    SharingConsent,
)
from clinic.people.team import join, record_consent
from clinic.plans.beginning import from_plan
from clinic.plans.drafting import open_draft
from clinic.plans.forms.editing import UnfinishedForm
from clinic.plans.models import CanonicalResource, CarePlan
from clinic.plans.plan_file import ActivityDraft, PackageDraft, PeriodDraft, PlanDraft, care_plan
from clinic.plans.prescribe import prescribe
from clinic.plans.publishing import Written, begin
from clinic.plans.unfinished import UnfinishedPlan, finished
from clinic.results.models import LedgerRow, Quarantine
from clinic.suitability.assessing import Answered, Assessment, sign
from clinic.suitability.models import HomeChecklist
from mqtt_bridge.contract.care import Pharmacy
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Patient as ContractPatient
from tests.clinic.conftest import Clinic

IN_THE_TEAM = [role.value for role in Role if role not in (Role.TECHNICIAN, Role.ADMINISTRATOR)]
SECRETS = ("Zebulon", "Inconnu", "Monsieur Secret", "chambre 99", "confidence")
"""Words of the other patient: they stand on no page of this cast."""


def practitioner(username: str, role: str, given: str = "Ada") -> Practitioner:
    return Practitioner.objects.create(
        username=username, given=given, family=username.title(), role=role, role_shown=role
    )


def signed_in(who: Practitioner) -> Client:
    client = Client()
    client.force_login(who)
    return client


@dataclass
class Cast:
    """`people`: by role; the nurse is Claire, Madame Martin's référent. `other`: a patient of strangers."""

    people: dict[str, Practitioner]
    other: Patient
    other_request: AccessRequest
    other_participant: CareTeamParticipant
    other_consent: SharingConsent
    other_emergency: EmergencyAccess
    open_request: AccessRequest
    help: HelpRequest
    other_help: HelpRequest
    delivery: Delivery
    other_delivery: Delivery
    task: Task
    """Of the social part: a social worker of the team sees it too."""
    other_task: Task
    handover: Handover
    other_handover: Handover
    related: RelatedPerson
    other_related: RelatedPerson
    version: CarePlan
    """Signed by Claire; and each of the two patients has a draft."""
    other_version: CarePlan
    form: CanonicalResource
    """A questionnaire and a lesson that are being written."""
    lesson: CanonicalResource
    other_merge: RecordMerge
    held: LedgerRow
    aside: Quarantine
    checklist: HomeChecklist
    """Of the place of the box; its table is missing."""
    other_checklist: HomeChecklist


def cast_of(clinic: Clinic) -> Cast:
    people = {role.value: practitioner(role.value, role.value) for role in Role if role != Role.NURSE}
    people["nurse"] = clinic.claire
    for role in IN_THE_TEAM:
        join(clinic.patient, people[role], referring=role == "nurse")
    elsewhere = Establishment.objects.create(name="Ailleurs")
    other = Patient.objects.create(
        id="autre", given="Zebulon", family="Inconnu", address_as="Monsieur Secret", room="chambre 99",
        establishment=elsewhere,
    )  # fmt: skip
    stranger, outsider = practitioner("stranger", "physician"), practitioner("outsider", "nurse")
    stranger.teams.create(establishment=elsewhere, name="Nuit")
    consent = record_consent(other, outsider, "confidence", stranger)
    participant = join(other, stranger, referring=True)
    asked = request_access(other, stranger, Asker.PATIENT, "", "confidence", stranger)
    opened = emergency.open_record(other, outsider, "confidence à dire")
    newcomer = Patient.objects.create(id="neuf", given="Rose", family="Neuve", address_as="Rose")
    open_request = request_access(newcomer, clinic.claire, Asker.STAFF, "le docteur", "dort mal", clinic.claire)
    helped, delivered = _asked(clinic, "martin", 900), _delivery(clinic, "martin", 910)
    other_help, other_delivery = _asked(clinic, "autre", 901), _delivery(clinic, "autre", 911)
    twin = Patient.objects.create(id="autre-2", given="Zebulon", family="Inconnu", address_as="Z", merged_into=other)
    other_merge = RecordMerge.objects.create(
        kept=other, duplicate=twin, reason="confidence", agent=stranger, merged_ms=1, moved={}
    )
    related, other_related = (
        RelatedPerson.objects.create(patient_id=whose, name=name, relationship="child", since_ms=1)
        for whose, name in (("martin", "Louise"), ("autre", "confidence"))
    )
    task = tasks.give(clinic.patient, clinic.claire, "Appeler la mairie", social=True)
    other_task = tasks.give(other, stranger, "confidence", note="confidence")
    handover, other_handover = _handovers(clinic, stranger, other)
    return Cast(
        people, other, asked, participant, consent, opened, open_request, helped, other_help, delivered, other_delivery,
        task, other_task, handover, other_handover, related, other_related, *_plans(clinic, other, stranger),
        *_library(clinic), other_merge, *_not_read(clinic), _place(clinic.patient, clinic.claire, "vite"),
        _place(other, stranger, "confidence"),
    )  # fmt: skip


def _place(patient: Patient, by: Practitioner, words: str) -> HomeChecklist:
    answers = {"table": Answered("no", words), "calme": Answered("yes", words)}
    return sign(patient, by, Assessment(dt.date(2025, 11, 20), "home", "visit", "not-now", answers, words, words))


def _plans(clinic: Clinic, other: Patient, stranger: Practitioner) -> tuple[CarePlan, CarePlan]:
    period = PeriodDraft(dt.date(2025, 1, 1), dt.date(2099, 1, 1))
    care = ActivityDraft("riviere", "La rivière", "relaxation", 60, PackageDraft("riviere", "0" * 64), ("Écoutez.",))
    signed = prescribe(PlanDraft(period, (care,)), clinic.patient, clinic.claire, clinic.device, clinic.pen)
    begun = UnfinishedPlan(period, (care,), pharmacy=Pharmacy(name="confidence"))
    content = care_plan(finished(begun), "plan-autre", 1, told_of(other), stranger.as_told)
    theirs = CarePlan.objects.create(
        plan="plan-autre", version=1, patient=other, device=clinic.device, document=encode(content),
        requester=stranger, signed_ms=1,
    )  # fmt: skip
    open_draft(other, stranger, begun)
    open_draft(clinic.patient, clinic.claire, from_plan(signed.content), based_on=signed)
    return signed, theirs


def _library(clinic: Clinic) -> tuple[CanonicalResource, CanonicalResource]:
    blank = encode(UnfinishedForm("urn:x", "1", "Hier", "fr"))
    form = begin(CanonicalResource.Kind.QUESTIONNAIRE, "urn:x", "1", Written("Hier", b"", blank), clinic.claire)
    lesson = begin(CanonicalResource.Kind.LESSON, "urn:y", "1", Written("Boire", b""), clinic.claire)
    return form, lesson


def told_of(patient: Patient) -> ContractPatient:
    return ContractPatient(id=patient.id, address_as=patient.address_as)


def _not_read(clinic: Clinic) -> tuple[LedgerRow, Quarantine]:
    """Of a box, and of nobody known: neither says anything of a patient."""
    held = LedgerRow.objects.create(
        device=clinic.device, stream="kiosk", epoch="e" * 16, seq=1, state="held", payload=b"x", received_ms=1
    )
    aside = Quarantine.objects.create(
        kind="unreadable", topic="chevet/v1/maison/box-77/up", payload=b"x", problem="?", first_ms=1, last_ms=1
    )
    return held, aside


def _handovers(clinic: Clinic, stranger: Practitioner, other: Patient) -> tuple[Handover, Handover]:
    """Of the nurse's team and of the strangers'; the nurse has no team before, so that all of them are of one house."""
    team = Establishment.objects.create(name="Les Tilleuls").teams.create(name="Nuit")
    team.members.add(clinic.claire)
    kept = handing_over.write(team, clinic.claire, "Nuit calme.", {"martin": "A bien dormi."})
    theirs = handing_over.write(stranger.teams.get(), stranger, "confidence", {other.id: "confidence"})
    return kept, theirs


def _told(clinic: Clinic, patient: str, seq: int) -> dict[str, Any]:
    """The fields of what a box tells, from a report that arrived."""
    row = LedgerRow.objects.create(
        device=clinic.device, stream="kiosk", epoch="f" * 16, seq=seq, state="stored", payload=b"", received_ms=1
    )
    stamp = {"wall_ms": 1, "trusted": True, "boot": "b", "monotonic_ms": 1}
    when = {"at_ms": 1, "error_ms": 0, "time_source": "exchange", "received_ms": 1}
    return {"row": row, "device": clinic.device, "patient_id": patient, **stamp, **when}


def _asked(clinic: Clinic, patient: str, seq: int) -> HelpRequest:
    return HelpRequest.objects.create(help=f"h-{seq}", **_told(clinic, patient, seq))


def _delivery(clinic: Clinic, patient: str, seq: int) -> Delivery:
    delivery = Delivery.objects.create(
        device=clinic.device, delivery=f"d-{seq}", patient_id=patient, first_received_ms=1
    )
    note = "confidence" if patient == "autre" else "vite"
    DeliveryWord.objects.create(delivery=delivery, kind="asked", note=note, **_told(clinic, patient, seq))
    return delivery
