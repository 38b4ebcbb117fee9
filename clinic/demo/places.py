"""Where the boxes of the first invented people stand: one at home without a network, one in a room that suits."""

import datetime as dt

from django.utils import timezone

from clinic.demo.cast import Followed, Staff
from clinic.demo.course import DAY_MS, HOUR_MS
from clinic.people.models import Patient
from clinic.suitability.assessing import Answered, Assessment, ask_for, sign
from clinic.suitability.checklist import NETWORK, NO_NETWORK, current
from clinic.suitability.models import HomeChecklist

_CALLED = {
    "aide": Answered("yes", "Sa fille passe le soir après 18\u00a0h."),
    "appel": Answered("yes", "Téléphone au lit."),
}
_AT_HOME = {
    **_CALLED,
    "table": Answered("no", "La table de nuit est trop basse."),
    "cable": Answered("no", "Il traverse le passage vers la salle de bain."),
    "audition": Answered("yes", "Sans ses appareils\u00a0: ils sifflent."),
    "abri": Answered("yes", "Un chat, la porte reste fermée."),
    NETWORK: Answered(NO_NETWORK, "Pas de box, le mobile ne passe pas."),
}
_IN_A_ROOM = {
    "lumiere": Answered("not-seen"),
    "aide": Answered("yes", "L’équipe de nuit."),
    NETWORK: Answered("wired"),
    "appel": Answered("yes", "Sonnette au poignet."),
}


def make_places(found: list[Followed], staff: Staff, now_ms: int) -> None:
    """`found`: those in follow-up."""
    called = Assessment(
        _day(now_ms - 50 * DAY_MS), "home", "telephone", "not-now", _CALLED, "Sa fille", "À voir sur place."
    )
    seen = Assessment(
        _day(now_ms - 41 * DAY_MS), "home", "visit", "with-arrangements", _whole(_AT_HOME), "La personne et sa fille",
        "Une tablette à prêter, le câble à fixer. Pas de réseau\u00a0: elle appelle par téléphone, elle l’a montré.",
    )  # fmt: skip
    room = Assessment(
        _day(now_ms - 20 * DAY_MS), "establishment", "visit", "suitable", _whole(_IN_A_ROOM), "La personne"
    )
    for one, told, ago_days in zip((*found[:1] * 2, *found[1:2]), (called, seen, room), (50, 41, 20), strict=False):
        kept = sign(Patient.objects.get(pk=one.id), staff.user, told)
        signed_ms = now_ms - ago_days * DAY_MS + HOUR_MS
        HomeChecklist.objects.filter(pk=kept.pk).update(authored_ms=signed_ms)
        if told is seen:
            ask_for(kept.answers.get(item="table"), staff.user)


def _whole(told: dict[str, Answered]) -> dict[str, Answered]:
    """Yes, where nothing else is told."""
    return {**{line.id: Answered("yes") for line in current().line}, **told}


def _day(at_ms: int) -> dt.date:
    return timezone.localtime(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)).date()
