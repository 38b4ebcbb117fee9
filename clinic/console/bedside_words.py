"""What the bedside tells in codes, as staff read it."""

from django.utils.translation import gettext

from clinic.correspondence.models import Delivery
from clinic.people.models import Standing


def rule_said(rule: str) -> str:
    """Why help, or another care, was proposed: the house's two rules, or the plan's by its id."""
    words = {
        "": "",
        "strong-pain": gettext("proposé : douleur de 7 ou plus"),
        "pain-risen": gettext("proposé : douleur qui a augmenté de 2 ou plus"),
    }
    return words.get(rule, gettext("proposé par la règle « %(rule)s » du plan") % {"rule": rule})


def chosen_said(chosen: str) -> str:
    words = {
        "offered": gettext("a pris ce qui était proposé"),
        "kept": gettext("a gardé son choix"),
        "help": gettext("a demandé de l’aide"),
        "left": gettext("est revenue à l’accueil"),
    }
    return words.get(chosen, chosen)


def stop_reason_said(reason: str) -> str:
    words = {
        "tired": gettext("fatigue"),
        "pain": gettext("douleur"),
        "sound": gettext("le son ne convenait pas"),
        "disturbed": gettext("dérangement"),
        "dislike": gettext("ne plaisait pas"),
        "other": gettext("autre raison"),
    }
    return words.get(reason, reason)


def respondent_said(respondent: str) -> str:
    words = {
        "self": gettext("la personne elle-même"),
        "with-relative": gettext("la personne, avec un proche"),
        "relative": gettext("un proche"),
        "carer": gettext("un soignant"),
    }
    return words.get(respondent, respondent)


def purpose_said(purpose: str) -> str:
    words = {
        "monitoring": gettext("suivi"),
        "adherence": gettext("médicaments pris"),
        "satisfaction": gettext("avis"),
        "caregiver": gettext("personne qui aide"),
        "sleep": gettext("sommeil"),
        "follow-up": gettext("jour après un soin"),
        "read-back": gettext("ce qui est retenu d’une leçon"),
    }
    return words.get(purpose, "")


def delivery_said(state: str) -> str:
    words = {
        Delivery.State.ASKED: gettext("demandé, pas encore traité"),
        Delivery.State.RECEIVED: gettext("demande reçue"),
        Delivery.State.SENT: gettext("envoyée à la pharmacie"),
        Delivery.State.PREPARED: gettext("colis prêt"),
        Delivery.State.ON_THE_WAY: gettext("en chemin"),
        Delivery.State.DELIVERED: gettext("livré"),
        Delivery.State.REFUSED: gettext("refusée"),
    }
    return {str(known): said for known, said in words.items()}.get(state, state)


def standing_said(state: str) -> str:
    words = {
        Standing.State.ACTIVE: gettext("suivi en cours"),
        Standing.State.ACCESS_WITHDRAWN: gettext("accès retiré"),
        Standing.State.CONSENT_WITHDRAWN: gettext("consentement retiré"),
        Standing.State.DECEASED: gettext("décès"),
    }
    return {str(known): said for known, said in words.items()}.get(state, state)


def check_said(check: str) -> str:
    """A line of a self-test; a check that this version does not know bears its own name."""
    words = {
        "button": gettext("bouton"),
        "light": gettext("lumière"),
        "screen": gettext("écran"),
        "touch": gettext("toucher"),
        "sound": gettext("son"),
        "disk": gettext("mémoire"),
        "key-tpm2": gettext("clé de la mémoire (puce TPM)"),
        "key-pi-otp": gettext("clé de la mémoire (celle du Raspberry Pi)"),
        "key-stand-in": gettext("clé de la mémoire, connue de tous"),
        "key-none": gettext("clé de la mémoire, inconnue"),
        "clock": gettext("horloge"),
        "box-file": gettext("fichier du technicien (chevet-box.toml)"),
        "network": gettext("réseau"),
        "link": gettext("réponse de la clinique"),
        "sound-card": gettext("carte son"),
        "level": gettext("niveau de la carte son"),
        "frames": gettext("image donnée à l’écran"),
        "button-line": gettext("fils du bouton et de sa lumière"),
        "player": gettext("lecteur du son"),
        "room": gettext("place libre"),
        "enrolment": gettext("lien avec la clinique"),
        "headphones": gettext("mesure du casque"),
        "plan": gettext("programme"),
        "packages": gettext("séances"),
    }
    return words.get(check, check)
