"""The garden, from its first days to many years."""

from dataclasses import replace

from kiosk.journey.views import GardenView, Pair, Plant
from kiosk.screen.gallery.sample import NB, Sample, Samples, Say
from mqtt_bridge.contract.care import CareKind

KINDS: tuple[CareKind, ...] = ("relaxation", "sleep", "relaxation", "crisis", "sophrology", "mediation", "education")


def grown(count: int) -> tuple[Plant, ...]:
    """A life of cares without chance: heard whole or in part, eased or not, told or not."""
    return tuple(
        Plant(KINDS[n * 3 % 7], 1.0 if n % 4 else 0.35 + 0.1 * (n % 5), None if n % 6 == 5 else n * 7 % 11)
        for n in range(count)
    )


def pairs(say: Say) -> tuple[Pair, ...]:
    pain = say("Avez-vous mal maintenant\u202f?", "Are you in pain now?")
    pleasure = say("Ressentez-vous du plaisir maintenant\u202f?", "Do you feel pleasure now?")
    worry = say("Ressentez-vous de l’inquiétude maintenant\u202f?", "Are you worried now?")
    return (
        Pair(pain, 6, 3, say("Douleur moyenne", "Moderate pain"), say("Douleur faible", "Weak pain"), "intense"),
        Pair(
            worry,
            10,
            4,
            say("La plus forte inquiétude possible", "The worst worry possible"),
            say("Inquiétude moyenne", "Moderate worry"),
            "intense",
        ),
        Pair(
            pleasure,
            2,
            7,
            say("Petit plaisir", "A little pleasure"),
            say("Grand plaisir", "Great pleasure"),
            "pleasant",
        ),
    )


def garden(say: Say, count: int, shown: int) -> GardenView:
    words = say.words.garden
    title = words.last_care.format(care=say(f"Relaxation{NB}: la rivière", "Relaxation: the river"))
    return GardenView(
        title=words.title,
        sentence=words.many_cares.format(cares=count),
        plants=grown(count),
        pairs=pairs(say)[:shown],
        pairs_title=title if shown else "",
        back=say.words.home,
        more=words.more if shown == 3 else "",
    )


def samples(say: Say) -> Samples:
    first = replace(garden(say, 0, 0), sentence=say.words.garden.no_care)
    return {
        "garden-new": Sample(first, "Before the first care."),
        "garden-month": Sample(garden(say, 12, 1), "Twelve cares, and the last one before and after."),
        "garden-calm": Sample(garden(say, 30, 0), "No answers twice: the garden alone."),
        "garden-three": Sample(garden(say, 45, 3), "Three things that were asked before and after."),
        "garden-years": Sample(garden(say, 1800, 2), "Five years of a care a day."),
    }
