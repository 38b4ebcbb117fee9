"""A clinic in the test's own databases, with one practitioner, one patient and one box."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from pytest_django import Settings

from clinic.fleet.boxes import register
from clinic.fleet.models import Device
from clinic.home import Home
from clinic.ingest.store import DjangoStore
from clinic.people.admission import decide, request_access
from clinic.people.models import Asker, Patient, Practitioner
from clinic.people.team import join
from clinic.plans.orders import Pen
from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd, Outgoing
from tests.clinic.box import CLINIC, T0_MS, Box
from tests.clinic.parts import PASSWORD

DRAWN_S_MAX = 600.0
"""Half a second's work took 33 s on two cores under a load of twenty; after the console's own 60 a picture is a 503."""


@dataclass
class Clinic:
    keys: seal.SecretKeys
    end: ClinicEnd
    store: DjangoStore
    pen: Pen
    box: Box
    device: Device
    patient: Patient
    claire: Practitioner

    def receive(self, payload: bytes, *, at_ms: int = T0_MS, topic: str | None = None) -> list[Outgoing]:
        return self.end.receive(topic or self.box.up, payload, at_ms)


@pytest.fixture(scope="session")
def clinic_keys() -> seal.SecretKeys:
    return seal.make_keys()


@pytest.fixture
def claire(db: None) -> Practitioner:
    who = Practitioner(username="claire", given="Claire", family="Moreau", role="nurse", role_shown="infirmière")
    who.password = _hashed_once(PASSWORD)
    who.save()
    return who


@functools.cache
def _hashed_once(password: str) -> str:
    """argon2 is slow on purpose; hundreds of tests need not wait for it."""
    return make_password(password)


@pytest.fixture
def clinic(claire: Practitioner, clinic_keys: seal.SecretKeys) -> Clinic:
    patient = Patient.objects.create(
        id="martin", given="Jeanne", family="Martin", address_as="Madame Martin", room="chambre 12"
    )
    join(patient, claire, referring=True)
    asked = request_access(patient, claire, Asker.PATIENT, "", "Pour mieux dormir.", claire)
    decide(asked, claire, accepted=True, reason="Indiqué.")
    box, store = Box(clinic_keys.public), DjangoStore(Pen(CLINIC, clinic_keys))
    device = register(box.name, box.keys.public, patient)
    end = ClinicEnd(CLINIC, clinic_keys, store)
    return Clinic(clinic_keys, end, store, Pen(CLINIC, clinic_keys), box, device, patient, claire)


@pytest.fixture
def console(clinic: Clinic, settings: Settings, tmp_path: Path) -> Client:
    """The console over HTTP, with Claire at the keyboard."""
    home = Home(tmp_path)
    home.clinic_keys.parent.mkdir()
    seal.save_secret(clinic.keys, home.clinic_keys)
    settings.HOME, settings.CLINIC_ID = home, CLINIC
    settings.PREVIEW_S_MAX = DRAWN_S_MAX
    client = Client()
    client.force_login(clinic.claire)
    return client


@pytest.fixture
def clean_environment(module_environment: dict[str, str]) -> dict[str, str]:
    """For commands in processes of their own."""
    return module_environment


@pytest.fixture(scope="module")
def module_environment() -> dict[str, str]:
    """The same, for what a whole file of tests stands on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    return {**kept, "PYTHONWARNINGS": "error"}
