"""One record as FHIR R4 resources: who they are, who is near them, team, consents, plans, care, answers, messages."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from clinic.correspondence.messaging import when
from clinic.correspondence.models import HelpRequest, MessageFromPatient, MessageToPatient
from clinic.people.models import (
    CareTeamParticipant,
    Flag,
    Patient,
    Practitioner,
    RelatedPerson,
    SharingConsent,
)
from clinic.plans.models import CarePlan
from clinic.results.models import FormResponse, Session
from clinic.results.models.answer import GivenAnswer
from clinic.results.sessions import sessions
from clinic.suitability.assessing import checklists_of
from clinic.suitability.response import resource
from mqtt_bridge.contract.forms import DATA_ABSENT_REASON

Resource = dict[str, Any]
BASE = "urn:chevet:"
_PROCEDURE = {"heard_whole": "completed", "stopped": "stopped", "interrupted": "stopped", "failed": "not-done"}


def bundle(patient: Patient, made_ms: int) -> Resource:
    """A Bundle of kind `collection`; every reference in it is to a resource in it."""
    people: dict[int, Practitioner] = {}
    resources = [
        _patient(patient),
        *map(_related, RelatedPerson.objects.filter(patient=patient)),
        _team(patient, people),
        *(
            _consent(one, people)
            for one in SharingConsent.objects.filter(patient=patient).select_related("practitioner")
        ),
        *(_flag(one, people) for one in Flag.objects.filter(patient=patient).select_related("author")),
        *(_plan(one, people) for one in CarePlan.objects.filter(patient=patient).select_related("requester")),
        *(one for session in sessions(patient.id) for one in _session(session)),
        *map(_form, FormResponse.objects.filter(patient=patient).prefetch_related("answers")),
        *(
            resource(one, _whose(patient.id), _who(one.author, people), instant(one.authored_ms))
            for one in checklists_of(patient).prefetch_related("answers")
        ),
        *_messages(patient, people),
        *(_help(one, people) for one in HelpRequest.objects.filter(patient=patient).select_related("owner")),
    ]
    if patient.establishment is not None:
        name = patient.establishment.name
        resources.append(
            {"resourceType": "Organization", "id": f"establishment-{patient.establishment_id}", "name": name}
        )
    resources += map(_practitioner, people.values())
    entries = [{"fullUrl": f"{BASE}{one['resourceType']}:{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": instant(made_ms), "entry": entries}


def instant(at_ms: int) -> str:
    """RFC 3339 in UTC; the beginning of time for what no calendar has."""
    try:
        return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00.000+00:00"


def _filled(resource: Resource) -> Resource:
    """FHIR has no empty values."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def _to(kind: str, key: object) -> Resource:
    return {"reference": f"{BASE}{kind}:{key}"}


def _whose(patient: str) -> Resource:
    return _to("Patient", patient)


def _who(practitioner: Practitioner | None, people: dict[int, Practitioner]) -> Resource | None:
    if practitioner is None:
        return None
    people[practitioner.pk] = practitioner
    return _to("Practitioner", practitioner.pk)


def _patient(one: Patient) -> Resource:
    names = (
        {"use": "anonymous", "text": one.family} if one.pseudonymous else {"family": one.family, "given": [one.given]}
    )
    own = {"system": f"{BASE}patient", "value": one.id}
    ins = [{"system": f"urn:oid:{one.ins_oid}", "value": one.ins}] if one.ins else []
    return _filled(
        {
            "resourceType": "Patient",
            "id": one.id,
            "identifier": [own, *ins],
            "name": [names],
            "telecom": [{"system": "phone", "value": one.phone}] if one.phone else [],
            "gender": one.gender,
            "birthDate": one.birth_date.isoformat() if one.birth_date else None,
            "address": [{"text": one.address}] if one.address else [],
            "managingOrganization": _to("Organization", f"establishment-{one.establishment_id}")
            if one.establishment_id
            else None,
        }
    )


def _related(one: RelatedPerson) -> Resource:
    roles = ("main_caregiver", "trusted_person", "legal_representative", "emergency_contact")
    telecom = [
        {"system": kind, "value": value} for kind, value in (("phone", one.phone), ("email", one.email)) if value
    ]
    return _filled(
        {
            "resourceType": "RelatedPerson",
            "id": f"related-{one.pk}",
            "active": one.until_ms is None,
            "patient": _whose(one.patient_id),
            "relationship": [{"text": text} for text in (one.relationship, *(r for r in roles if getattr(one, r)))],
            "name": [{"text": one.name}],
            "telecom": telecom,
            "period": _period(one.since_ms, one.until_ms),
        }
    )


def _period(since_ms: int | None, until_ms: int | None) -> Resource:
    told = {"start": since_ms, "end": until_ms}
    return {name: instant(at_ms) for name, at_ms in told.items() if at_ms is not None}


def _team(patient: Patient, people: dict[int, Practitioner]) -> Resource:
    team = CareTeamParticipant.objects.filter(patient=patient).select_related("practitioner").order_by("since_ms")
    members = [
        {
            "role": [{"text": one.practitioner.role}],
            "member": _who(one.practitioner, people),
            "period": _period(one.since_ms, one.until_ms),
        }
        for one in team
    ]
    return _filled(
        {"resourceType": "CareTeam", "id": f"team-{patient.id}", "subject": _whose(patient.id), "participant": members}
    )


def _consent(one: SharingConsent, people: dict[int, Practitioner]) -> Resource:
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
    return {
        "resourceType": "Consent",
        "id": f"consent-{one.pk}",
        "status": "active" if one.withdrawn_ms is None else "inactive",
        "scope": {"coding": [scope]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": _whose(one.patient_id),
        "dateTime": instant(one.given_ms),
        "policyRule": {"text": "Code de la santé publique, L.1110-4, III"},
        "provision": {
            "type": "permit",
            "actor": [{"role": {"text": one.how}, "reference": _who(one.practitioner, people)}],
        },
    }


def _flag(one: Flag, people: dict[int, Practitioner]) -> Resource:
    return _filled(
        {
            "resourceType": "Flag",
            "id": f"flag-{one.pk}",
            "status": "active" if one.present else "inactive",
            "category": [{"text": "contraindication"}],
            "code": {"coding": [{"system": f"{BASE}contraindication", "code": one.code}], "text": one.note or one.code},
            "subject": _whose(one.patient_id),
            "period": {"start": instant(one.recorded_ms)},
            "author": _who(one.author, people),
        }
    )


def _plan(one: CarePlan, people: dict[int, Practitioner]) -> Resource:
    content = one.content
    return _filled(
        {
            "resourceType": "CarePlan",
            "id": f"plan-{one.pk}",
            "identifier": [{"system": f"{BASE}plan", "value": f"{one.plan}|{one.version}"}],
            "status": "active" if one.stopped_ms is None else "revoked",
            "intent": "plan",
            "subject": _whose(one.patient_id),
            "period": _period(content.period.start_ms, content.period.end_ms),
            "created": instant(one.signed_ms),
            "author": _who(one.requester, people),
            "activity": [{"detail": {"status": "scheduled", "description": care.title}} for care in content.activity],
        }
    )


def _session(one: Session) -> list[Resource]:
    """What was heard, and what was answered before and after; the last word of each is the last in the list."""
    heard = list(one.listenings.all())
    last = heard[-1] if heard else None
    key = f"session-{one.pk}"
    procedure = _filled(
        {
            "resourceType": "Procedure",
            "id": key,
            "identifier": [{"system": f"{BASE}session", "value": f"{one.device_id}/{one.session}"}],
            "status": _PROCEDURE.get(last.outcome, "unknown") if last else "unknown",
            "code": {"text": one.care},
            "subject": _whose(one.patient_id),
            "performedPeriod": {
                "start": instant(one.started_ms if one.error_ms is not None else one.first_received_ms)
            },
            "note": [{"text": f"listened {last.listened_s:.0f} s of {last.total_s:.0f} s"}] if last else [],
        }
    )
    answers = [
        _response(
            f"evaluation-{told.pk}", told.questionnaire, told.status, told.wall_ms, told.answers.all(), one.patient_id
        )
        | {"partOf": [_to("Procedure", key)]}
        for told in one.evaluations.all()
    ]
    return [procedure, *answers]


def _form(one: FormResponse) -> Resource:
    return _response(f"form-{one.pk}", one.questionnaire, one.status, one.known_ms, one.answers.all(), one.patient_id)


def _response(key: str, form: str, status: str, at_ms: int, answers: "QuerySet[Any]", patient: str) -> Resource:
    return _filled(
        {
            "resourceType": "QuestionnaireResponse",
            "id": key,
            "questionnaire": form,
            "status": status if status in ("completed", "stopped") else "stopped",
            "subject": _whose(patient),
            "authored": instant(at_ms),
            "item": [_item(answer) for answer in answers],
        }
    )


def _item(one: GivenAnswer) -> Resource:
    """A silence is an item with its reason and no answer: never 0."""
    if one.absent_reason:
        return {"linkId": one.item, "extension": [{"url": DATA_ABSENT_REASON, "valueCode": one.absent_reason}]}
    return {"linkId": one.item, "answer": [_value(one)]}


def _value(one: GivenAnswer) -> Resource:
    if one.code:
        system, _, code = one.code.rpartition("|")
        return {"valueCoding": _filled({"system": system, "code": code, "display": one.choice})}
    if one.score is not None:
        return {"valueInteger": one.score}
    return {"valueBoolean": one.yes} if one.yes is not None else {"valueString": one.words or one.choice}


def _messages(patient: Patient, people: dict[int, Practitioner]) -> list[Resource]:
    theirs = [
        _message(f"from-{one.pk}", patient, when(one), one.text, _whose(patient.id))
        for one in MessageFromPatient.objects.filter(patient=patient)
    ]
    ours = [
        _message(f"to-{one.pk}", patient, when(one), "\n".join(one.text), _who(one.sender, people))
        for one in MessageToPatient.objects.filter(patient=patient).select_related("sender")
    ]
    return [*theirs, *ours]


def _message(key: str, patient: Patient, at_ms: int, text: str, sender: Resource | None) -> Resource:
    return _filled(
        {
            "resourceType": "Communication",
            "id": f"message-{key}",
            "status": "completed",
            "subject": _whose(patient.id),
            "sent": instant(at_ms),
            "sender": sender,
            "payload": [{"contentString": text}] if text else [],
        }
    )


def _help(one: HelpRequest, people: dict[int, Practitioner]) -> Resource:
    return _filled(
        {
            "resourceType": "Task",
            "id": f"help-{one.pk}",
            "status": "completed" if one.closed_ms else "accepted" if one.owner_id else "requested",
            "intent": "order",
            "code": {"text": "help asked for"},
            "for": _whose(one.patient_id or ""),
            "authoredOn": instant(one.known_ms),
            "owner": _who(one.owner, people),
            "note": [{"text": one.done}] if one.done else [],
        }
    )


def _practitioner(one: Practitioner) -> Resource:
    name = [{"family": one.family, "given": [one.given]}]
    return {"resourceType": "Practitioner", "id": str(one.pk), "active": one.is_active, "name": name}
