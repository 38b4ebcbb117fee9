"""What staff often write to a patient. French whatever the console's language: the patient reads it as it stands."""

from django.conf import settings
from django.utils.translation import gettext

OF_THE_HOUSE = (
    "Nous avons bien reçu votre message. Merci.",
    "Nous passons vous voir aujourd’hui.",
    "Nous en parlons avec l’équipe, puis nous revenons vers vous.",
    "Nous vous appelons dans la journée.",
    "Cette boîte n’appelle pas les secours. Appuyez sur votre sonnette ; à domicile, appelez le 15 ou le 112.",
)


def ready_choices() -> list[tuple[str, str]]:
    """The clinic's own (`ready_answers` in clinic.toml), or the house's."""
    return [("", gettext("Aucune")), *((words, words) for words in settings.READY_ANSWERS or OF_THE_HOUSE)]
