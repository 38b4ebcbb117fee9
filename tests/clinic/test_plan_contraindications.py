"""Contraindications (H10): checked when a care is attributed and when a plan is signed; overridden with a reason."""

from typing import Any

import pytest
from django.test import Client

from clinic.errors import RecordError
from clinic.people.contraindications import note
from clinic.people.models import Flag, Patient, Role
from clinic.people.team import join
from clinic.plans.contraindications import NOT_TOLD, PackageTold, against, precautions_of
from clinic.plans.models import CarePlan, ContraindicationOverride
from clinic.plans.plan_file import PackageDraft
from clinic.plans.protocols import house_protocol
from clinic.shelf.models import Package
from clinic.shelf.signing import check_contraindications, prescribe_despite
from tests.clinic.cast import practitioner, signed_in
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, begin, now, opened, sign
from tests.clinic.shelved import put_on_shelf
from tests.clinic.test_shared_box import CARE
from tests.clinic.test_shared_box import DRAFT as PLAN

pytestmark = pytest.mark.django_db(databases=["default", "audit"])
WHY = "Vu avec le pneumologue, écoute courte."


def has(patient: Patient, code: str, *, present: bool = True) -> None:
    note(patient, Flag.Code(code), present=present, words="", by=None)


@pytest.fixture
def shelf(db: None) -> dict[str, Package]:
    told = {"souffle": ("hyperacusis", "shortness-of-breath"), "sophrologie-endroit-calme": ("hyperacusis",)}
    return {name: put_on_shelf(name, "mediation", against) for name, against in told.items()}


def test_what_speaks_against_what() -> None:
    breath = PackageTold("souffle", "f", ("hyperacusis", "shortness-of-breath"))
    assert against(breath, frozenset()) == frozenset()
    assert against(breath, frozenset({"shortness-of-breath", "dissociation"})) == {"shortness-of-breath"}
    unknown = PackageTold("x", "f", None)
    assert against(unknown, frozenset()) == frozenset()
    assert against(unknown, frozenset({"dissociation"})) == {NOT_TOLD}


def test_nobody_asked_is_not_no(clinic: Clinic) -> None:
    assert precautions_of(clinic.patient).had == frozenset()
    assert precautions_of(clinic.patient).never_asked == set(Flag.Code.values)
    has(clinic.patient, "dissociation", present=False)
    has(clinic.patient, "hyperacusis")
    told = precautions_of(clinic.patient)
    assert told.had == {"hyperacusis"}
    assert told.never_asked == {"musicogenic-epilepsy", "shortness-of-breath"}


def test_a_contraindicated_care_is_not_attributed(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    has(clinic.patient, "shortness-of-breath")
    begin(console, "blank")
    page = console.get(f"{DRAFT}/soins").content.decode()
    assert "contre-indiqué" in page
    url = house_protocol("mediation").canonical
    told = console.post(f"{DRAFT}/soins", {"care": [f"{url}#images-guidees", f"{url}#souffle"]}).content.decode()
    assert "Un soin est contre-indiqué" in told
    assert now().activity == (), "none of them: nothing is done by halves"
    console.post(f"{DRAFT}/soins", {"care": [f"{url}#souffle"], "reason": WHY})
    assert [one.id for one in now().activity] == ["souffle"]
    kept = ContraindicationOverride.objects.get()
    assert (kept.contraindication, kept.reason, kept.by.username) == ("shortness-of-breath", WHY, "claire")
    assert sign(console).status_code == 302
    assert WHY in console.get("/patients/martin/plan").content.decode()


def test_who_is_no_referent_gives_no_reason(console: Client, clinic: Clinic, shelf: dict[str, Package]) -> None:
    has(clinic.patient, "shortness-of-breath")
    begin(console, "blank")
    physician = practitioner("paul", Role.PHYSICIAN)
    join(clinic.patient, physician)
    theirs, url = signed_in(physician), house_protocol("mediation").canonical
    assert 'name="reason"' not in theirs.get(f"{DRAFT}/soins").content.decode()
    theirs.post(f"{DRAFT}/soins", {"care": [f"{url}#souffle"], "reason": WHY})
    theirs.post(f"{DRAFT}/soins", {"care": [f"{url}#images-guidees"]})
    assert [one.id for one in now().activity] == ["images-guidees"]
    told = opened(theirs, f"{DRAFT}/soins/images-guidees")
    page = theirs.post(
        f"{DRAFT}/soins/images-guidees", told | {"package": shelf["souffle"].fingerprint, "reason": WHY}
    ).content.decode()
    assert "Seul un référent peut passer outre" in page
    assert not ContraindicationOverride.objects.exists()


def test_another_package_is_checked_when_a_care_is_changed(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    has(clinic.patient, "shortness-of-breath")
    begin(console, "blank")
    console.post(f"{DRAFT}/soins", {"care": [f"{house_protocol('mediation').canonical}#images-guidees"]})
    told = opened(console, f"{DRAFT}/soins/images-guidees") | {"package": shelf["souffle"].fingerprint}
    page = console.post(f"{DRAFT}/soins/images-guidees", told).content.decode()
    assert "Contre-indiqué pour ce patient\u00a0: essoufflement" in page
    assert "en dix lettres au moins" in page
    assert console.post(f"{DRAFT}/soins/images-guidees", told | {"reason": WHY}).status_code == 302
    assert now().activity[0].package.id == "souffle"


def test_what_is_noted_after_the_draft_stops_the_signature(
    console: Client, clinic: Clinic, shelf: dict[str, Package]
) -> None:
    begin(console, "blank")
    console.post(f"{DRAFT}/soins", {"care": [f"{house_protocol('mediation').canonical}#souffle"]})
    page = console.get(f"{DRAFT}/signer").content.decode()
    assert "Pas encore demandé à la personne" in page
    seen: dict[str, Any] = {"revision": "2", "former": "0", "box": "box-12"}
    has(clinic.patient, "hyperacusis")
    assert "Contre-indiqué\u00a0: hyperacousie" in console.get(DRAFT).content.decode()
    answer = console.post(f"{DRAFT}/signer", seen)
    assert answer.status_code == 409
    assert not CarePlan.objects.exists()
    has(clinic.patient, "hyperacusis", present=False)
    assert console.post(f"{DRAFT}/signer", seen).status_code == 302


def test_the_command_line_is_checked_too(clinic: Clinic, shelf: dict[str, Package]) -> None:
    from msgspec.structs import replace

    has(clinic.patient, "shortness-of-breath")
    care = replace(CARE, package=PackageDraft("souffle", shelf["souffle"].fingerprint))
    draft = replace(PLAN, activity=(care,))
    with pytest.raises(RecordError, match="shortness-of-breath"):
        check_contraindications(draft, clinic.patient)
    with pytest.raises(RecordError, match="reason in words"):
        prescribe_despite(draft, clinic.patient, clinic.claire, "oui")
    prescribe_despite(draft, clinic.patient, clinic.claire, WHY)
    check_contraindications(draft, clinic.patient)
    unknown = replace(PLAN, activity=(replace(CARE, package=PackageDraft("venu-d-ailleurs", "9" * 64)),))
    with pytest.raises(RecordError, match="not-told"):
        check_contraindications(unknown, clinic.patient)
