"""Enrols many boxes of one clinic at once: `python -m tests.bench.wire.enrolling FOLDER FIRST COUNT`, in its home."""

import sys
from pathlib import Path

import django

from clinic.home import current_home
from mqtt_bridge import authority, enrolment, seal

PATIENT = "martin"


def name(number: int) -> str:
    return f"many-{number}"


def main(folder: Path, first: int, count: int) -> int:
    django.setup()
    from django.db import transaction

    from clinic.fleet.boxes import register
    from clinic.people.models import Patient

    home = current_home()
    broker, clinic = home.configuration(), seal.load_secret(home.clinic_keys).public
    with transaction.atomic():
        patient = Patient.objects.get(id=PATIENT)
        for number in range(first, first + count):
            keys, out = seal.make_keys(), folder / name(number)
            place = enrolment.Place(
                clinic=broker.clinic, box=name(number), broker_host=broker.broker.host, broker_port=broker.broker.port
            )
            register(name(number), keys.public, patient)
            enrolment.save(out, place, keys, clinic)
            (out / "ca.pem").write_bytes((home.authority / "ca.pem").read_bytes())
            authority.issue(home.authority, name(number), out / "box")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
