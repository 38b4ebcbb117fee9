"""One of each thing that has a page, in a clinic that has lived a month: `python -m tests.clinic.everything`."""

import datetime as dt
import time

import django


def put() -> None:
    from clinic.coordination import handing_over, tasks
    from clinic.people.admission import request_access
    from clinic.people.models import Asker, Establishment, Passkey, Patient, Practitioner, RelatedPerson
    from clinic.plans.beginning import from_plan
    from clinic.plans.drafting import open_draft
    from clinic.plans.forms.editing import UnfinishedForm
    from clinic.plans.in_force import plan_in_force
    from clinic.plans.models import CanonicalResource
    from clinic.plans.publishing import Written, begin
    from clinic.suitability.assessing import Answered, Assessment, sign
    from mqtt_bridge.contract.codec import encode

    claire, martin = Practitioner.objects.get(username="claire"), Patient.objects.get(pk="martin")
    team = Establishment.objects.create(name="Les Tilleuls").teams.create(name="Nuit")
    team.members.add(claire)
    tasks.give(martin, claire, "Appeler la mairie", social=True)
    seen = {"table": Answered("no", "Trop basse."), "calme": Answered("yes"), "reseau": Answered("none")}
    for day in (dt.date(2025, 11, 20), dt.date(2025, 11, 21)):
        sign(martin, claire, Assessment(day, "home", "visit", "not-now", seen, "Louise", "À voir."))
    handing_over.write(team, claire, "Nuit calme.", {"martin": "A bien dormi."})
    RelatedPerson.objects.create(patient=martin, name="Louise", relationship="child", since_ms=1)
    rose = Patient.objects.create(id="neuf", given="Rose", family="Neuve", address_as="Rose")
    request_access(rose, claire, Asker.STAFF, "le docteur", "dort mal", claire)
    signed = plan_in_force(martin)
    assert signed is not None
    open_draft(martin, claire, from_plan(signed.content), based_on=signed)
    blank = encode(UnfinishedForm("urn:x", "1", "Hier", "fr"))
    begin(CanonicalResource.Kind.QUESTIONNAIRE, "urn:x", "1", Written("Hier", b"", blank), claire)
    begin(CanonicalResource.Kind.LESSON, "urn:y", "1", Written("Boire", b""), claire)
    Passkey.objects.create(practitioner=claire, name="clé bleue", credential="AAAA", attested=b"", counter=0, made_ms=1)
    _second_factor()


def _second_factor() -> None:
    """Of Paul, who is then asked for a code."""
    from clinic.people import one_time_code, second_factor
    from clinic.people.models import Practitioner

    paul = Practitioner.objects.get(username="paul")
    secret = second_factor.begin(paul)
    assert second_factor.confirm(paul, one_time_code.code_at(secret, int(time.time() // one_time_code.STEP_S)))


if __name__ == "__main__":
    django.setup()
    put()
