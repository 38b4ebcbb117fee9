"""What waits for somebody, as staff name it."""

from django.utils.translation import gettext


def kind_said(kind: str) -> str:
    words = {
        "help": gettext("Demande d’aide"),
        "strong-pain": gettext("Douleur forte"),
        "comment": gettext("Commentaire"),
        "answers": gettext("Réponses"),
        "message": gettext("Message"),
        "delivery": gettext("Livraison"),
        "task": gettext("Tâche"),
        "readjust": gettext("À réajuster"),
        "alert": gettext("Alerte"),
    }
    return words.get(kind, kind)
