"""Why a rule about people said no, as staff read it."""

from django.utils.translation import gettext

from clinic.people.refusals import Code, Refusal


def said(refusal: Refusal) -> str:
    words: dict[Code, str] = {
        "consent-needed": gettext(
            "Cette personne est hors de l’équipe de soins de l’établissement : notez d’abord l’accord du patient."
        ),
        "reads-nothing": gettext("Ce rôle ne lit aucun dossier : il n’entre dans aucune équipe."),
        "no-referent": gettext("Seul un médecin, un thérapeute ou un infirmier peut être référent."),
        "last-referent": gettext("Un dossier garde au moins un référent : nommez-en d’abord un autre."),
        "how-missing": gettext("Écrivez qui a donné l’accord, et comment."),
        "decides-nothing": gettext("Demandez à un médecin, un thérapeute ou un infirmier."),
        "words-missing": gettext("Écrivez pourquoi le soin est demandé."),
        "asker-missing": gettext("Écrivez qui demande, et son lien avec le patient."),
        "waiting-already": gettext("Une demande attend déjà pour ce patient."),
        "others-referent": gettext("Ce patient a déjà un référent : adressez la demande à l’un de ses référents."),
        "not-asked": gettext("Cette demande est adressée à un autre référent."),
        "reason-missing": gettext("Écrivez la raison de votre décision."),
        "decided-already": gettext("Cette demande a déjà reçu sa réponse."),
        "not-validated": gettext("L’accès de ce patient n’est pas validé : rien ne peut lui être prescrit avant."),
        "not-their-referent": gettext("Seul le référent du patient signe ses plans."),
        "not-found": gettext("Aucun dossier à cet identifiant ou à ces nom et prénom."),
        "several-found": gettext("Plusieurs dossiers portent ces nom et prénom : donnez l’identifiant."),
        "no-emergency": gettext("Votre rôle n’ouvre pas de dossier en urgence."),
        "reason-short": gettext("Écrivez la raison, en dix lettres au moins : le référent la lira."),
        "last-administrator": gettext("C’est le dernier administrateur : nommez-en d’abord un autre."),
        "one-already": gettext(
            "Un dossier a un seul aidant principal et une seule personne de confiance : changez d’abord l’autre."
        ),
        "not-a-pair": gettext("Ces deux dossiers ne peuvent pas être réunis."),
        "plan-in-force": gettext(
            "Arrêtez d’abord le plan du doublon ; si le dossier gardé en a un, signez-le de nouveau ensuite."
        ),
        "undone-already": gettext("Ces dossiers sont déjà séparés."),
        "too-late": gettext("Une réunion se défait dans les trente jours."),
        "late-reports": gettext(
            "Des réponses sont arrivées depuis au nom du doublon : rien ne les distingue plus, "
            "les dossiers restent réunis."
        ),
        "passkeys-too-many": gettext("Vous avez déjà dix clés d’accès : retirez-en une d’abord."),
        "passkey-known": gettext("Cette clé d’accès est déjà enregistrée : il n’y a rien à faire."),
        "team-outside": gettext(
            "Des membres de son équipe ne travaillent pas dans cet établissement : rien n’est enregistré. Notez "
            "l’accord du patient, ou faites-les d’abord sortir, dans « Équipe »."
        ),
        "consent-by-referent": gettext("C’est un référent du patient qui note son accord."),
        "last-factor": gettext("C’est votre seul deuxième facteur : ajoutez-en d’abord un autre."),
    }
    return words[refusal.code]
