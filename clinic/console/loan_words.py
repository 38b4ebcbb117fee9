"""The loan of a box, in staff's words."""

from dataclasses import dataclass

from django.utils.translation import gettext

from clinic.fleet.loans import State
from clinic.fleet.models import Device


@dataclass(frozen=True)
class LoanStep:
    """`at_ms` None: not yet."""

    words: str
    at_ms: int | None


def loan_said(state: State) -> str:
    return {
        "lent": gettext("prêtée"),
        "asked-back": gettext("à rendre"),
        "to-be-wiped": gettext("à effacer au prochain contact"),
        "wiped": gettext("effacée"),
        "revoked": gettext("révoquée"),
        "returned": gettext("rendue"),
        "ready": gettext("rendue, casque désinfecté"),
    }[state]


def steps_of_loan(device: Device) -> list[LoanStep]:
    """What has happened, and what is awaited, in order."""
    steps = [LoanStep(gettext("prêtée"), device.enrolled_ms)]
    if device.return_asked_ms is not None:
        steps.append(LoanStep(gettext("redemandée"), device.return_asked_ms))
    if device.revoked_ms is not None:
        steps.append(LoanStep(gettext("révoquée"), device.revoked_ms))
    if device.wipe_asked_ms is not None:
        steps.append(LoanStep(gettext("effacement ordonné"), device.wipe_asked_ms))
    if device.return_asked_ms is not None or device.wipe_asked_ms is not None:
        steps.append(LoanStep(gettext("effacée, preuve reçue"), device.wiped_ms))
    if device.revoked_ms is not None:
        steps.append(LoanStep(gettext("porte du courtier fermée"), device.closed_ms))
    if len(steps) > 1:
        steps.append(LoanStep(gettext("de retour entre nos mains"), device.returned_ms))
        steps.append(LoanStep(gettext("casque désinfecté"), device.disinfected_ms))
    return steps
