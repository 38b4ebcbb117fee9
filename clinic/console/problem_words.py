"""A problem's code, as staff read it: what happened, and what to do."""

from django.utils.translation import gettext

from clinic.results.problems import Code


def problem_said(code: str) -> str:
    """A sentence; rows of before the codes have none, and their technical cause says it."""
    words = {
        Code.NOT_ENROLLED: gettext("La boîte n’est pas enregistrée ici, ou elle a été révoquée."),
        Code.BAD_SIGNATURE: gettext("La signature n’est pas celle de la boîte. Prévenez le technicien."),
        Code.MISDIRECTED: gettext("L’envoi est arrivé sous le nom d’une autre boîte, ou par un mauvais chemin."),
        Code.UNREADABLE: gettext("L’envoi n’a pas la forme attendue : versions différentes, ou données abîmées."),
        Code.IMPOSSIBLE: gettext("L’envoi contient un nombre ou un repère impossible."),
        Code.CONFLICT: gettext("Le même envoi est revenu avec un autre contenu. Le premier reste au dossier."),
        Code.FAULT: gettext("Erreur de Chevet, pas de la boîte. Prévenez le technicien : l’envoi est gardé entier."),
        Code.OTHER_KEY: gettext("L’envoi est chiffré pour une autre clé. Remettez l’ancienne clé de la clinique."),
        Code.DAMAGED: gettext("Le contenu chiffré est abîmé : il ne peut plus être lu."),
        Code.MOVED: gettext("Le contenu chiffré est celui d’un autre envoi."),
        Code.NO_PATIENT: gettext("L’envoi ne dit pas de quelle personne il vient."),
        Code.OTHER_PATIENT: gettext("La boîte n’a jamais été enregistrée pour cette personne. Enregistrez-la."),
        Code.OTHER_SESSION: gettext("Cette séance est connue comme celle d’une autre personne, ou d’un autre soin."),
        Code.UNKNOWN_ORDER: gettext("La boîte répond à un ordre que cette clinique n’a pas écrit."),
        Code.UNKNOWN_MESSAGE: gettext("La boîte parle d’un message que cette clinique n’a pas écrit à la personne."),
        Code.OTHER_DELIVERY: gettext("Cette livraison de médicaments est connue comme celle d’une autre personne."),
        Code.BAD_ANSWER: gettext("Une réponse sort de l’échelle, ou se contredit."),
    }
    unknown = gettext("Chevet ne sait pas dire pourquoi. Montrez la ligne au technicien : le détail y est.")
    return {str(known): said for known, said in words.items()}.get(code, unknown)
