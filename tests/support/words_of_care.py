"""A plan, its forms and a clock for tests that need no house."""

from dataclasses import dataclass
from pathlib import Path

from audio.hearing.calibration import MARGIN_DB, Calibration
from audio.package import Manifest, Part, to_toml
from kiosk.journey.events import Ears, Heard, Loudness
from mqtt_bridge.contract.care import CareKind, CarePlan, PackageReference, ServiceRequest
from mqtt_bridge.contract.forms import Cone, ConeWord, Questionnaire, QuestionnaireItem, cone_item
from mqtt_bridge.contract.identity import Patient, Period, Practitioner
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


LUFS = -23.0
DBA_AT_0_DB = 85.0
"""Level of the tests' package on the tests' box at gain 0: 70 dBA is a gain of -15 dB, the cap of 80 one of -5."""


def headphones() -> Calibration:
    """Invented for tests, as if somebody had measured them."""
    return Calibration(
        model="Casque d’essai",
        reference_dba=DBA_AT_0_DB - MARGIN_DB,
        reference_lufs=LUFS,
        card_level_percent=100,
        measured_by="tests",
        measured_on="2026-11-22",
        measured_with="nothing",
        uncertainty_db=0.0,
    )


def ears(care_plan: CarePlan, *heard: Heard, seconds: float = 10.0) -> Ears:
    """What the shell tells of the plan's person, with every package installed."""
    names = sorted({one.package.id for one in care_plan.activity})
    packages = tuple(Loudness(name, LUFS, seconds) for name in names)
    return Ears(care_plan.patient.id, headphones().name, headphones().dba(0.0), heard, packages)


def install(packages: Path, name: str, seconds: int = 60) -> None:
    """A package as far as the kiosk reads it: its manifest. Its audio is the player's business."""
    (packages / name).mkdir(parents=True, exist_ok=True)
    frames = seconds * 48_000
    manifest = Manifest(
        id=name,
        version="1",
        title="La rivière",
        kind="relaxation",
        language="zxx",
        licence="CC0-1.0",
        source="tests",
        duration_s=float(seconds),
        frames=frames,
        rate_hz=48_000,
        channels=2,
        loudness_lufs=LUFS,
        true_peak_dbtp=-3.0,
        phases=(),
        parts=(Part(file="audio.flac", sha256="0" * 64, frames=frames),),
    )
    (packages / name / "manifest.toml").write_text(to_toml(manifest))
