"""The shelf of a demonstration: the names and words of the sessions without their sound; no box fetches them."""

import hashlib

from clinic.demo.course import CATALOGUE
from clinic.shelf.models import Package

EVERYONE = ("musicogenic-epilepsy", "hyperacusis")
INWARD = (*EVERYONE, "dissociation")
PACED = (*INWARD, "shortness-of-breath")
_MADE = (
    ("riviere", "La rivière\u00a0: piano et cordes", "piano et cordes", "relaxation", 1260, INWARD),
    ("jardin", "Le jardin\u00a0: harpe et flûte", "harpe et flûte", "relaxation", 1260, INWARD),
    ("estuaire", "L’estuaire\u00a0: guitare et mer", "guitare et mer", "relaxation", 1260, INWARD),
    ("nuit", "La nuit\u00a0: mer et nappes", "mer et nappes", "sleep", 1440, INWARD),
    ("veilleuse", "La veilleuse\u00a0: piano et cordes", "piano et cordes", "sleep", 1440, INWARD),
    ("ancre", "L’ancre\u00a0: guitare", "guitare", "crisis", 360, EVERYONE),
    ("abri", "L’abri\u00a0: harpe et cordes", "harpe et cordes", "crisis", 360, EVERYONE),
    ("souffle", "Le souffle\u00a0: nappes et mer", "nappes et mer", "mediation", 600, PACED),
    ("sophrologie-endroit-calme", "Sophrologie\u00a0: un endroit calme", "voix", "sophrology", 900, INWARD),
)
"""As docs/montages tells them: id, title, style, kind, seconds, whom not to give them without advice."""


def make_packages(now_ms: int) -> None:
    """Those of the house's protocols, and what else the invented plans name."""
    known = {one[0] for one in _MADE}
    others = ((one.id, one.title, "", one.kind, one.duration_s, INWARD) for one in CATALOGUE if one.id not in known)
    for name, title, style, kind, duration_s, against in (*_MADE, *others):
        digest = hashlib.sha256(name.encode()).hexdigest()
        Package.objects.create(
            fingerprint=digest,
            package=name,
            version="1.0.0",
            title=title,
            kind=kind,
            language="fr",
            duration_s=duration_s,
            style=style,
            contraindications=list(against),
            archive=digest,
            size_bytes=1,
            added_ms=now_ms,
        )
