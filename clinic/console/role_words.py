"""Roles and permissions as staff say them."""

from django.utils.translation import gettext


def role_said(role: str) -> str:
    words = {
        "physician": gettext("médecin"),
        "therapist": gettext("thérapeute"),
        "nurse": gettext("infirmier ou infirmière"),
        "coordinating-nurse": gettext("infirmier de coordination"),
        "advanced-practice-nurse": gettext("infirmier en pratique avancée"),
        "social-worker": gettext("travailleur social"),
        "technician": gettext("technicien"),
        "administrator": gettext("administrateur"),
    }
    return words.get(role, role)


def roles() -> list[tuple[str, str]]:
    """For a list to choose from."""
    from clinic.people.may import COLUMNS

    return [(role.value, role_said(role.value)) for role in COLUMNS]


def asker_said(asker: str) -> str:
    words = {
        "patient": gettext("le patient"),
        "relative": gettext("un proche"),
        "staff": gettext("un membre de l’équipe"),
    }
    return words.get(asker, asker)


def action_said(action: str) -> str:
    words = {
        "read": gettext("lu"),
        "write": gettext("écrit"),
        "refused": gettext("refusé"),
        "break-glass": gettext("ouvert en urgence"),
    }
    return words.get(action, action)
