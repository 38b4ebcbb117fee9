"""A plan, its forms and a clock for tests that need no house."""

from dataclasses import dataclass

from mqtt_bridge.contract.care import (
    CareKind,
    CarePlan,
    PackageReference,
    Patient,
    Period,
    Practitioner,
    ServiceRequest,
)
from mqtt_bridge.contract.forms import Cone, ConeWord, Questionnaire, QuestionnaireItem, cone_item
from mqtt_bridge.contract.stamp import Stamp

INDICATORS = ("angoisse", "anxiete", "douleur", "agitation", "plaisir")
FORM_URL = "urn:chevet:test:cones"
NOW_MS = 1_800_000_000_000
DAY_MS = 24 * 3600 * 1000


@dataclass
class ManualClock:
    """Time moves when told."""

    wall_ms: int = NOW_MS
    monotonic_ms: int = 1_000
    trusted: bool = True
    boot: str = "boot-1"

    def __call__(self) -> Stamp:
        return Stamp(wall_ms=self.wall_ms, trusted=self.trusted, boot=self.boot, monotonic_ms=self.monotonic_ms)

    def pass_ms(self, milliseconds: int) -> Stamp:
        self.wall_ms += milliseconds
        self.monotonic_ms += milliseconds
        return self()


def form() -> Questionnaire:
    words = (
        ConeWord(first=0, last=0, text="rien"),
        ConeWord(first=1, last=3, text="peu"),
        ConeWord(first=4, last=6, text="moyen"),
        ConeWord(first=7, last=9, text="fort"),
        ConeWord(first=10, last=10, text="le plus fort"),
    )
    cones = tuple(
        cone_item(
            Cone(
                link_id=name,
                question=f"{name} ?",
                help="aide",
                ramp="pleasant" if name == "plaisir" else "intense",
                words=words,
            )
        )
        for name in INDICATORS
    )
    comment = QuestionnaireItem(link_id="commentaire", type="text", text="Un mot ?")
    return Questionnaire(
        url=FORM_URL, version="1", status="active", title="Cônes", language="fr", item=(*cones, comment)
    )


def request(request_id: str = "riviere", kind: CareKind = "relaxation") -> ServiceRequest:
    return ServiceRequest(
        id=request_id,
        title="La rivière",
        kind=kind,
        package=PackageReference(id=request_id, fingerprint="a" * 64),
        duration_s=60,
        explanation=("Vous allez écouter.", "Sans pause."),
        advice=("Installez-vous.",),
        questionnaire=f"{FORM_URL}|1",
    )


def plan(*requests: ServiceRequest, version: int = 1) -> CarePlan:
    return CarePlan(
        id="plan-1",
        version=version,
        patient=Patient(id="martin", address_as="Madame Martin"),
        place="establishment",
        period=Period(start_ms=NOW_MS - DAY_MS, end_ms=NOW_MS + DAY_MS),
        requester=Practitioner(given="Claire", role="infirmière"),
        activity=requests or (request(),),
        questionnaires=(form(),),
    )
