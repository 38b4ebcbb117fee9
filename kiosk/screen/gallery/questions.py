"""The cone and the words of one's own; the other kinds of question stand beside them."""

from dataclasses import replace

from kiosk.journey.views import CommentView, ConeView
from kiosk.screen.gallery.sample import NN, Sample, Samples, Say


def pain(say: Say) -> ConeView:
    words = say.words
    return ConeView(
        question=say(f"Avez-vous mal maintenant{NN}?", "Are you in pain now?"),
        moment=words.before,
        help=say("Dans votre corps.", "In your body."),
        ramp="intense",
        anchors=(
            say("Aucune douleur", "No pain"),
            say("Douleur moyenne", "Moderate pain"),
            say("La plus forte douleur possible", "The worst pain possible"),
        ),
        value=None,
        word="",
        prompt=(words.touch_cone, words.touch_cone_detail),
        decline=words.decline,
        go_on=words.go_on,
        back=words.back,
        step=3,
        steps=6,
    )


def anguish(say: Say) -> ConeView:
    return replace(
        pain(say),
        question=say(f"Ressentez-vous de l’angoisse maintenant{NN}?", "Do you feel anguish now?"),
        help=say("Une peur très forte, une boule au ventre.", "A very strong fear, a knot in the stomach."),
        anchors=_anchors(say, ("Aucune angoisse", "Angoisse moyenne", "La plus forte angoisse possible"), "anguish"),
        step=1,
    )


def worry(say: Say) -> ConeView:
    return replace(
        pain(say),
        question=say(f"Ressentez-vous de l’inquiétude maintenant{NN}?", "Are you worried now?"),
        help=say("Vous vous faites du souci.", "Something is on your mind."),
        anchors=_anchors(
            say, ("Aucune inquiétude", "Inquiétude moyenne", "La plus forte inquiétude possible"), "worry"
        ),
        step=2,
    )


def pleasure(say: Say) -> ConeView:
    return replace(
        pain(say),
        question=say(f"Ressentez-vous du plaisir maintenant{NN}?", "Do you feel pleasure now?"),
        help=say("Ici, en haut, c’est agréable.", "Here, the top is pleasant."),
        ramp="pleasant",
        anchors=(
            say("Aucun plaisir", "No pleasure"),
            say("Plaisir moyen", "Some pleasure"),
            say("Le plus grand plaisir possible", "The greatest pleasure possible"),
        ),
        step=5,
    )


def _anchors(say: Say, french: tuple[str, str, str], english: str) -> tuple[str, str, str]:
    least, middle, most = french
    return say(least, f"No {english}"), say(middle, f"Moderate {english}"), say(most, f"The worst {english} possible")


LONG_CONE = ConeView(
    question=f"Verspüren Sie im Augenblick eine Beunruhigung oder starke Beklemmung{NN}?",
    moment="Vor der Sitzung",
    help="Eine anhaltende innere Beklemmung.",
    ramp="intense",
    anchors=("Keine Beunruhigung", "Mittlere Beunruhigung", "Stärkste Beunruhigung überhaupt"),
    value=8,
    word="Starke Beunruhigung",
    prompt=("", ""),
    decline="Nicht beantworten",
    go_on="Fortfahren",
    back="Zurück",
    step=3,
    steps=6,
)
"""A language of long words: what the layout bears."""


def comment(say: Say) -> CommentView:
    words = say.words
    return CommentView(
        question=say(f"Voulez-vous ajouter quelque chose{NN}?", "Would you like to add something?"),
        moment=words.before,
        text="",
        placeholder=words.comment_placeholder,
        layer="letters",
        go_on=words.go_on_comment,
        back=words.back,
        step=6,
        steps=6,
    )


def written(say: Say) -> CommentView:
    return replace(
        comment(say),
        layer="capitals",
        text=say(
            "J’ai mal au dos depuis hier soir, surtout quand je me tourne dans le lit. La musique d’hier m’a fait "
            "du bien, j’ai pu dormir deux heures. Ma fille vient cet après-midi et je voudrais être reposée pour elle",
            "My back has hurt since last night, above all when I turn over in bed. The music of yesterday did me "
            "good, I could sleep for two hours. My daughter comes this afternoon and I would like to be rested",
        ),
    )


def samples(say: Say) -> Samples:
    return {**_cones(say), **_comments(say)}


def _cones(say: Say) -> Samples:
    scared, none = anguish(say), worry(say)
    some, much = replace(pain(say), value=6), replace(pleasure(say), value=7)
    return {
        "cone-unanswered": Sample(pain(say), "A cone that nobody has touched: not answered is not 0."),
        "cone-zero": Sample(replace(pain(say), value=0, word=pain(say).anchors[0]), "No pain at all."),
        "cone-six": Sample(replace(some, word=some.anchors[1]), "Six: colour, number and word say the same."),
        "cone-ten": Sample(replace(scared, value=10, word=scared.anchors[2]), "The most that can be said."),
        "cone-worry-zero": Sample(replace(none, value=0, word=none.anchors[0]), "No worry."),
        "cone-worry-ten": Sample(replace(none, value=10, word=none.anchors[2]), "The worst worry."),
        "cone-declined": Sample(replace(scared, declined=True), "One came back to a question that one had declined."),
        "cone-pleasure": Sample(
            replace(much, word=say("Grand plaisir", "Great pleasure")), "What is good when high has its own colours."
        ),
        "cone-long": Sample(LONG_CONE, "A language of long words."),
    }


def _comments(say: Say) -> Samples:
    symbols = replace(written(say), text=say("Tension 12,5", "Pressure 12.5"), layer="symbols")
    return {
        "comment-empty": Sample(comment(say), "In one's own words; nothing needs to be written."),
        "comment-written": Sample(written(say), "What was written; the place where one writes stays in sight."),
        "comment-symbols": Sample(symbols, "Digits and signs."),
    }
