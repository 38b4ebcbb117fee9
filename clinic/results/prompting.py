"""The prompts of many patients: one list, from what is kept of each."""

from collections.abc import Collection
from dataclasses import dataclass

from clinic.clock import now_ms
from clinic.fleet.models import Device, DeviceAssociation
from clinic.people.models import Patient
from clinic.plans.standing import withdrawn
from clinic.results.progress import (
    Kept,
    Patients,
    Standing,
    kept_now,
    mark_arrived,
    nothing_arrived,
    standing_prompts,
    words_on,
)

PATIENTS_A_PAGE = 20


@dataclass(frozen=True)
class Prompted:
    """A patient with prompts that nobody has set aside. `box`: the one that is theirs now."""

    patient: Patient
    box: Device | None
    prompts: tuple[Standing, ...]


@dataclass(frozen=True)
class Listed:
    """One page of them. `waiting`: patients whose last reports are not reckoned with yet: the next look has them."""

    found: tuple[Prompted, ...]
    patients: int
    prompts: int
    waiting: int


def listed(mine: Patients, first: int) -> Listed:
    """From the `first` patient on; those with the most prompts first."""
    if not nothing_arrived():
        mark_arrived()
    kept, left = kept_now(mine)
    every = _standing(kept, mine)
    order = sorted(every, key=lambda patient: (-len(every[patient]), patient))
    shown = order[first : first + PATIENTS_A_PAGE]
    people, boxes = Patient.objects.in_bulk(shown), _boxes(shown)
    found = tuple(Prompted(people[key], boxes.get(key), tuple(every[key])) for key in shown)
    return Listed(found, len(order), sum(map(len, every.values())), left)


def _standing(every: dict[str, Kept], mine: Patients) -> dict[str, list[Standing]]:
    at_ms, over = now_ms(), withdrawn(mine)
    words = words_on(mine, at_ms)
    found: dict[str, list[Standing]] = {}
    for patient, kept in every.items():
        if patient not in over:
            standing = [one for one in standing_prompts(kept, words.get(patient, ()), at_ms) if one.aside is None]
            if standing:
                found[patient] = standing
    return found


def _boxes(patients: Collection[str]) -> dict[str, Device]:
    here = DeviceAssociation.objects.filter(patient__in=patients, until_ms=None, device__revoked_ms=None)
    return {one.patient_id: one.device for one in here.select_related("device").order_by("pk")}
