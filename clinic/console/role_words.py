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


def detail_said(detail: str) -> str:
    """What the trail tells of a page or an act; empty for what is not among its usual words."""
    words = {
        "sessions": gettext("les séances"),
        "results": gettext("les résultats"),
        "results, chart": gettext("une courbe des résultats"),
        "prompt set aside": gettext("un repère de réajustement mis de côté"),
        "care team": gettext("l’équipe de soins"),
        "care team: added to": gettext("a fait entrer quelqu’un dans l’équipe"),
        "care team: ended a participation": gettext("a fait sortir quelqu’un de l’équipe"),
        "consent withdrawn": gettext("a noté le retrait d’un accord"),
        "who has read this record": gettext("la liste des lectures"),
        "request for the care": gettext("une demande d’accès"),
        "request for the care of a new patient": gettext("une demande d’accès"),
        "patient added": gettext("dossier créé"),
        "access validated by the command line": gettext("accès validé (ligne de commande)"),
        "sessions by the command line": gettext("les séances (ligne de commande)"),
        "follow-up": gettext("le suivi : questionnaires et leçons"),
        "messages": gettext("les messages"),
        "message to the patient by the command line": gettext("a écrit au patient (ligne de commande)"),
        "messages by the command line": gettext("les messages (ligne de commande)"),
        "request for help": gettext("une demande d’aide"),
        "request for help taken": gettext("a pris une demande d’aide"),
        "request for help closed": gettext("a clos une demande d’aide"),
        "tasks": gettext("les tâches"),
        "task": gettext("une tâche"),
        "task taken": gettext("a pris une tâche"),
        "task handed to another": gettext("a confié une tâche"),
        "task ended": gettext("a terminé une tâche"),
        "task cancelled": gettext("a abandonné une tâche"),
        "thread of messages": gettext("a pris ou clos un message"),
        "delivery": gettext("une livraison de médicaments"),
        "standing": gettext("la situation"),
        "plan": gettext("le plan"),
        "a version of the plan": gettext("une version du plan"),
        "plan: begin": gettext("le début d’un plan"),
        "plan: draft": gettext("le brouillon du plan"),
        "plan: draft given up": gettext("a abandonné le brouillon du plan"),
        "plan: cares": gettext("les soins du brouillon"),
        "plan: a care": gettext("un soin du brouillon"),
        "plan: frame": gettext("le cadre du brouillon"),
        "plan: needs": gettext("les besoins du moment du brouillon"),
        "plan: forms": gettext("les questionnaires du brouillon"),
        "plan: follow-ups": gettext("les jours après un soin du brouillon"),
        "plan: lessons": gettext("les leçons du brouillon"),
        "plan: preview": gettext("l’aperçu du plan"),
        "plan: sign": gettext("la signature du plan"),
        "plan: stop": gettext("l’arrêt du plan"),
        "plan: kept as a protocol": gettext("le brouillon gardé comme protocole"),
        "record": gettext("le dossier"),
        "timeline": gettext("le fil du dossier"),
        "silence": gettext("ce que dit le silence de la boîte"),
        "record: identity": gettext("l’identité et le parcours"),
        "record: social part": gettext("la vie et la protection"),
        "record: contraindications": gettext("les précautions"),
        "record: a related person": gettext("un proche"),
        "record: a related person added": gettext("a ajouté un proche"),
        "record: a related person ended": gettext("a noté qu’un proche n’est plus joint"),
        "record: the export's page": gettext("la page de l’export"),
        "record exported": gettext("a exporté le dossier"),
        "record: duplicates": gettext("les doublons"),
        "record merged into another": gettext("a réuni ce dossier avec un autre"),
        "record: a merge undone": gettext("a séparé deux dossiers"),
        "record: erasure": gettext("l’effacement"),
        "closed before its time": gettext("refermé avant l’heure"),
    }
    return words.get(detail, "")
