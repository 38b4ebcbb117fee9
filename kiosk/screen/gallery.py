"""Sample views of every screen: for the tests, for `chevet-kiosk draw`, and to be looked at.

Nothing here opens a display: the pictures are painted off screen, so no X, no SDL_VIDEODRIVER and no GPU is needed.
"""

from dataclasses import replace
from pathlib import Path

import pygame

from kiosk.journey import views
from kiosk.journey.views import Tile, View
from kiosk.screen.painter import Painter

NB, NN = "\u00a0", "\u202f"

RIVER = Tile("care:river", f"Relaxation{NB}: la rivière", f"20{NB}minutes · avec le casque", "relaxation")
SLEEP = Tile("care:sleep", f"Sommeil{NB}: la nuit calme", f"15{NB}minutes · avec le casque", "sleep")
ANCHOR = Tile("care:anchor", "Moment difficile", f"5{NB}minutes", "crisis")
PLACE = Tile("care:place", f"Sophrologie{NB}: le lieu sûr", f"12{NB}minutes", "sophrology")
LETTER = Tile("care:letter", "Parler ensemble", f"30{NB}minutes", "mediation")
BOOK = Tile("care:book", "Comprendre ma douleur", f"8{NB}minutes", "education")
SIX = (ANCHOR, SLEEP, LETTER, BOOK, RIVER, PLACE)

HOME = views.HomeView(
    "Bonjour Madame Martin",
    "C’est le moment de prendre soin de vous.",
    (RIVER,),
    "J’ai besoin d’aide",
    "Vos réponses sont dans votre dossier.",
    in_record=True,
    read="Lues par Claire, infirmière",
)
RESTFUL = replace(HOME, subtitle="Rien à faire pour le moment. Reposez-vous.", tiles=())
CHOOSING = views.ChoosingView(f"Quel soin voulez-vous{NN}?", (RIVER, SLEEP, PLACE), "Retour")

PAIN = views.ConeView(
    question=f"Avez-vous mal maintenant{NN}?",
    moment="Avant le soin",
    help="Dans votre corps.",
    ramp="intense",
    anchors=("Aucune douleur", "Douleur moyenne", "La plus forte douleur possible"),
    value=None,
    word="",
    prompt=("Touchez le cône", "là où vous en êtes."),
    decline="Ne pas répondre",
    go_on="Continuer",
    back="Retour",
    step=3,
    steps=6,
)
ANGUISH = replace(
    PAIN,
    question=f"Ressentez-vous de l’angoisse maintenant{NN}?",
    help="Une peur très forte, une boule au ventre.",
    anchors=("Aucune angoisse", "Angoisse moyenne", "La plus forte angoisse possible"),
    step=1,
)
WORRY = replace(
    PAIN,
    question=f"Ressentez-vous de l’inquiétude maintenant{NN}?",
    help="Vous vous faites du souci.",
    anchors=("Aucune inquiétude", "Inquiétude moyenne", "La plus forte inquiétude possible"),
    step=2,
)
PLEASURE = replace(
    PAIN,
    question=f"Ressentez-vous du plaisir maintenant{NN}?",
    help="Ici, en haut, c’est agréable.",
    ramp="pleasant",
    anchors=("Aucun plaisir", "Plaisir moyen", "Le plus grand plaisir possible"),
    step=5,
)
LONG_CONE = replace(
    PAIN,
    question=f"Verspüren Sie im Augenblick eine Beunruhigung oder starke Beklemmung{NN}?",
    help="Eine anhaltende innere Beklemmung.",
    anchors=("Keine Beunruhigung", "Mittlere Beunruhigung", "Stärkste Beunruhigung überhaupt"),
    value=8,
    word="Starke Beunruhigung",
    decline="Nicht beantworten",
    go_on="Fortfahren",
    back="Zurück",
    moment="Vor der Sitzung",
)
COMMENT = views.CommentView(
    question=f"Voulez-vous ajouter quelque chose{NN}?",
    moment="Avant le soin",
    text="",
    placeholder="Écrivez ici, si vous voulez.",
    layer="letters",
    go_on="Passer",
    back="Retour",
    step=6,
    steps=6,
)
WRITTEN = replace(
    COMMENT,
    go_on="Continuer",
    layer="capitals",
    text=(
        "J’ai mal au dos depuis hier soir, surtout quand je me tourne dans le lit. La musique d’hier m’a fait "
        "du bien, j’ai pu dormir deux heures. Ma fille vient cet après-midi et je voudrais être reposée pour elle"
    ),
)
TEXT = views.TextView(
    title=f"Relaxation{NB}: la rivière",
    heading="Installez-vous bien",
    paragraph=(
        "Mettez le casque sur vos oreilles. Vous pouvez fermer les yeux. La musique commence doucement, "
        f"puis ralentit. Vous n’avez rien à faire{NB}: laissez-vous porter."
    ),
    go_on="Continuer",
    back="Retour",
    page=2,
    pages=3,
)
LONG_TEXT = replace(
    TEXT,
    heading="Ce que vous pourrez faire chez vous, les jours où la douleur revient plus fort",
    paragraph=(
        f"Si la douleur revient, asseyez-vous au calme. Respirez lentement{NB}: comptez quatre temps en inspirant, "
        "six en soufflant. Écoutez la musique au même niveau qu’ici, sans la monter. Après vingt minutes, "
        "levez-vous sans vous presser. Notez comment vous allez, et parlez-en à votre infirmière."
    ),
)
READY = views.ReadyView(
    f"Relaxation{NB}: la rivière", "Appuyez sur le bouton rond.", "La musique commence aussitôt.", "Retour", armed=True
)
SOFTER = replace(READY, detail="Nous jouons un peu plus doucement. Vos oreilles ont beaucoup écouté cette semaine.")
PLAYING = views.PlayingView(
    0.38, "Laissez-vous porter par la musique.", "Moins fort", "Plus fort", "Arrêter", dim=False, level=5, level_max=9
)
CONFIRM = views.ConfirmStopView(
    f"Voulez-vous arrêter l’écoute{NN}?",
    "La musique continue pendant que vous choisissez.",
    "Oui, arrêter",
    "Non, continuer",
)
THANKS = views.ThanksView(
    title="Merci.",
    sentence="Vous avez écouté tout le soin. Prenez le temps de vous reposer.",
    record="Vos réponses partent vers votre dossier.",
    in_record=False,
    done="Terminer",
)
ERROR = views.NoticeView(
    "Le son ne marche pas.",
    (
        "Ce n’est pas votre faute.",
        f"Vos réponses sont gardées. Un soignant peut vous aider{NB}: montrez-lui cet écran.",
    ),
    "Retour",
    code="S-12 · carte son absente",
)
REST = views.NoticeView(
    "Vos oreilles ont besoin de repos.",
    (
        "Elles ont beaucoup écouté cette semaine.",
        "Ce soin sera possible dans environ 3 heures.",
        "Si vous n’allez pas bien, demandez de l’aide à un soignant.",
    ),
    "D’accord",
)
HELP = views.NoticeView(
    "J’ai besoin d’aide",
    (
        "Cette boîte n’appelle pas les secours.",
        f"Urgence{NB}: appelez le 15 ou le 112.",
        f"Idées suicidaires{NB}: appelez le 3114.",
        f"Votre demande{NB}: pas encore partie.",
    ),
    "Retour",
    tone="help",
)

VIEWS: dict[str, View] = {
    "home-restful": RESTFUL,
    "home-one": HOME,
    "home-two": replace(
        HOME, tiles=(RIVER, SLEEP), record="Vos réponses partent vers votre dossier.", in_record=False, read=""
    ),
    "home-three": replace(HOME, tiles=(RIVER, SLEEP, ANCHOR)),
    "choosing-three": CHOOSING,
    "choosing-six": replace(
        CHOOSING, tiles=tuple(replace(tile, subtitle=tile.subtitle.split(" · ")[0]) for tile in SIX)
    ),
    "cone-unanswered": PAIN,
    "cone-zero": replace(PAIN, value=0, word="Aucune douleur"),
    "cone-six": replace(PAIN, value=6, word="Douleur moyenne"),
    "cone-ten": replace(ANGUISH, value=10, word="La plus forte angoisse possible"),
    "cone-worry-zero": replace(WORRY, value=0, word="Aucune inquiétude"),
    "cone-worry-ten": replace(WORRY, value=10, word="La plus forte inquiétude possible"),
    "cone-declined": replace(ANGUISH, declined=True),
    "cone-pleasure": replace(PLEASURE, value=7, word="Grand plaisir"),
    "cone-long": LONG_CONE,
    "comment-empty": COMMENT,
    "comment-written": WRITTEN,
    "comment-symbols": replace(WRITTEN, text="Tension 12,5", layer="symbols"),
    "text": TEXT,
    "text-long": LONG_TEXT,
    "ready": READY,
    "ready-not-armed": replace(READY, instruction="Un instant…", detail="La musique se prépare.", armed=False),
    "ready-softer": SOFTER,
    "ready-softer-english": replace(
        SOFTER,
        title="All is ready",
        instruction="Press the button",
        detail="We play a little more softly. Your ears have heard a lot this week.",
    ),
    "playing": PLAYING,
    "playing-loudest": replace(
        PLAYING, sentence="C’est le plus fort pour vos oreilles.", level=8, level_max=8, show_level=True
    ),
    "playing-unplugged": replace(PLAYING, sentence="Le casque est débranché. La musique continue."),
    "playing-unplugged-english": replace(
        PLAYING,
        sentence="The headphones are unplugged. The music goes on.",
        softer="Softer",
        louder="Louder",
        stop="Stop",
    ),
    "playing-level": replace(PLAYING, fraction=0.8, show_level=True),
    "playing-dim": replace(PLAYING, dim=True),
    "confirm-stop": CONFIRM,
    "rest": views.RestView("Touchez l’écran pour commencer."),
    "thanks": THANKS,
    "thanks-in-record": replace(THANKS, record="Vos réponses sont dans votre dossier.", in_record=True),
    "notice-error": ERROR,
    "notice-help": HELP,
    "notice-ears": REST,
}


def draw(view: View, size: tuple[int, int], pressed: str | None = None) -> pygame.Surface:
    """A picture of this view, painted off screen. Raises ScreenError for a size that no panel has."""
    return Painter(size).paint(view, pressed).surface


def save(view: View, size: tuple[int, int], path: Path) -> None:
    """The same as a file; its ending (.png) tells the format."""
    pygame.image.save(draw(view, size), str(path))


def save_all(folder: Path, size: tuple[int, int]) -> list[Path]:
    """One PNG for each sample, named after it and the size."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, view in VIEWS.items():
        paths.append(folder / f"{name}-{size[0]}x{size[1]}.png")
        save(view, size, paths[-1])
    return paths
