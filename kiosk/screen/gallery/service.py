"""For staff."""

from kiosk.journey.views import FindingLine, LevelView, SelfTestView, ServiceView, Tile, TouchTestView
from kiosk.journey.views.service import State
from kiosk.screen.gallery.sample import NB, Sample, Samples, Say


def service(say: Say) -> ServiceView:
    return ServiceView(
        title=say("Pour les soignants", "For staff"),
        lines=(
            say(
                f"Réseau{NB}: oui. Dernier contact{NB}: il y a 2{NB}minutes.",
                "Network: yes. Last contact: 2 minutes ago.",
            ),
            say(f"À envoyer{NB}: rien.", "To send: nothing."),
            say(f"Horloge{NB}: sûre. Mardi 12 mai, 9{NB}h{NB}32.", "Clock: sure. Tuesday 12 May, 9:32."),
            say(f"Place{NB}: 11{NB}Go libres.", "Room: 11 GB free."),
            say(f"Son{NB}: casque Superlux, étalonné.", "Sound: Superlux headphones, calibrated."),
            say(f"Version{NB}: 0.1.0.", "Version: 0.1.0."),
        ),
        tiles=(
            Tile("test", say("Vérifier la boîte", "Check the box"), "", "service"),
            Tile("level", say("Niveau du son", "Sound level"), "", "service"),
            Tile("training", say("Formation", "Training"), "", "service"),
            Tile("death", say("La personne est décédée", "The person has died"), "", "service"),
            Tile("restart", say("Redémarrer l’écran", "Restart the screen"), "", "service"),
        ),
        back=say.words.home,
    )


def _checks(say: Say) -> tuple[str, ...]:
    french = "Écran|Lumière du bouton|Bouton|Son|Toucher|Lien avec l’hôpital|Mémoire|Place libre|Lecteur du son"
    english = "Screen|Light of the button|Button|Sound|Touch|Link with the clinic|Memory|Free space|Player"
    more = say("|Soins installés|Réglage du casque|Programme|Réseau|Heure", "|Cares|Headphones|Plan|Network|Time")
    return tuple((say(french, english) + more).split("|"))


def _told(say: Say, label: str) -> tuple[State, str]:
    if label in ("Bouton", "Button"):
        return "failed", say("Vérifiez le câble du bouton.", "Check the cable of the button.")
    return ("asked", "") if label in ("Son", "Sound") else ("fine", "")


def selftest(say: Say) -> SelfTestView:
    return SelfTestView(
        title=say("Essai de la boîte", "Self-test"),
        findings=tuple(FindingLine(label, *_told(say, label)) for label in _checks(say)),
        question=say("Entendez-vous un son dans les deux oreilles\u202f?", "Do you hear a sound in both ears?"),
        yes=say("Oui", "Yes"),
        no=say("Non", "No"),
        back=say.words.back,
    )


def touch(say: Say) -> TouchTestView:
    points = ("north-west", "north-east", "middle", "south-east")
    return TouchTestView(
        say("Touchez chaque rond.", "Touch each circle."), points, say("Je n’y arrive pas", "I cannot")
    )


def level(say: Say) -> LevelView:
    return LevelView(
        title=say("Régler le son", "Set the level"),
        lines=(
            say("Posez le casque sur le sonomètre.", "Put the headphones on the meter."),
            say(f"Il doit montrer 70{NB}dBA.", "It must show 70 dBA."),
        ),
        level=f"70,0{NB}dBA" if say.language == "fr" else "70.0 dBA",
        softer=say.words.softer,
        louder=say.words.louder,
        done=say.words.done,
    )


def samples(say: Say) -> Samples:
    return {
        "service": Sample(service(say), "For staff, behind their own code: how the box is, and what can be done."),
        "selftest": Sample(selftest(say), "The self-test asks what only a human being can say."),
        "touch-test": Sample(touch(say), "The touch test: what was touched goes."),
        "level": Sample(level(say), "Calibration beside a sound level meter."),
    }
