"""The packages of a box as staff read them: on it, offered, refused with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from clinic.shelf.models import Offer
from clinic.shelf.told import REPLACED

FAMILIES = ("signature-", "version-", "part-", "manifest-", "archive-", "package-")


@dataclass(frozen=True)
class ToldPackage:
    """`code` is the stylesheet's class; `reason` says why in plain words, `technical` in the box's own."""

    name: str
    code: str
    words: str
    reason: str
    technical: str


def tell_packages(offers: Iterable[Offer]) -> list[ToldPackage]:
    """Those that matter now: what was withdrawn, or replaced by another version, and is gone is not told any more."""
    current = [o for o in offers if not (o.state == Offer.State.REMOVED and (o.withdrawn_ms or o.reason == REPLACED))]
    return [_tell(offer) for offer in sorted(current, key=lambda o: (o.package.title, o.offered_ms))]


def _tell(offer: Offer) -> ToldPackage:
    reason = reason_said(offer.reason)
    technical = " ".join(word for word in (offer.reason, offer.remedy) if word)
    name = f"{offer.package.title} {offer.package.version}"
    return ToldPackage(name, offer.state, _state_said(offer), reason, technical)


def _state_said(offer: Offer) -> str:
    words = {
        Offer.State.OFFERED: gettext("proposée, pas encore reçue"),
        Offer.State.INSTALLED: gettext("sur la boîte"),
        Offer.State.REFUSED: gettext("refusée par la boîte"),
        Offer.State.FAILED: gettext("pas encore reçue"),
        Offer.State.REMOVED: gettext("retirée"),
    }
    if offer.withdrawn_ms is not None:
        return gettext("à retirer")
    return words[Offer.State(offer.state)]


def reason_said(code: str) -> str:
    """A box's code in staff's words; the code itself when it has none yet."""
    if not code:
        return ""
    words = {
        "no-room": gettext("la boîte n’a plus assez de place"),
        "unreachable": gettext("la boîte ne joint pas la clinique pour la recevoir"),
        "slow": gettext("le réseau de la boîte ne donne presque rien"),
        "redirected": gettext("le réseau de la boîte l’envoie ailleurs (portail, relais)"),
        "not-on-shelf": gettext("la clinique ne la donne pas à cette boîte"),
        "wrong-bytes": gettext("ce qui est arrivé n’est pas ce qui était proposé"),
        "wrong-length": gettext("ce qui est arrivé n’est pas ce qui était proposé"),
        "in-use": gettext("une séance l’utilise"),
        "cut-off": gettext("l’installation s’est interrompue"),
        "no-shelf": gettext("la boîte ne sait pas où la chercher : inscrivez-la de nouveau"),
        "plan-names-it": gettext("un plan en vigueur la prescrit"),
        "plan-names-former": gettext("un plan en vigueur prescrit la version d’avant"),
        "expired": gettext("la proposition a expiré"),
        "another-package": gettext("ce n’est pas la séance qui était proposée"),
        "signature-": gettext("la signature n’est pas celle de votre clinique"),
        "version-": gettext("la boîte en a une autre version"),
    }
    family = next((name for name in FAMILIES if code.startswith(name)), code)
    if code not in words and family in FAMILIES:
        return words.get(family, gettext("la séance est abîmée ou incomplète"))
    return words.get(code, code)
