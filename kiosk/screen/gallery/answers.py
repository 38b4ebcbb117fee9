"""The kinds of question beside the cone, and who answers them."""

from dataclasses import replace
from typing import TypedDict

from kiosk.journey.views import ChoiceView, NumberView, Option, ScaleView, YesNoView
from kiosk.screen.gallery.sample import NB, NN, Sample, Samples, Say


class Common(TypedDict):
    """What every question shows."""

    moment: str
    help: str
    decline: str
    go_on: str
    back: str
    step: int
    steps: int


def common(say: Say, advice: str = "") -> Common:
    words = say.words
    return Common(
        moment=words.before, help=advice, decline=words.decline, go_on=words.go_on, back=words.back, step=3, steps=6
    )


def scale(say: Say) -> ScaleView:
    return ScaleView(
        question=say(f"Êtes-vous fatigué{NN}?", "Are you tired?"),
        options=(
            say("Pas du tout", "Not at all"),
            say("Un peu", "A little"),
            say("Moyennement", "Moderately"),
            say("Beaucoup", "A lot"),
            say("Énormément", "Extremely"),
        ),
        chosen=None,
        **common(say, say(f"Pensez aux 7{NB}derniers jours.", "Think of the last 7 days.")),
    )


def faces(say: Say) -> ScaleView:
    return replace(
        scale(say),
        question=say(f"Avez-vous mal maintenant{NN}?", "Are you in pain now?"),
        help=say("Touchez le visage qui vous ressemble.", "Touch the face that is like you."),
        faces=True,
        options=(
            say("Pas de douleur", "No pain"),
            say("Un peu de douleur", "A little pain"),
            say("Douleur moyenne", "Some pain"),
            say("Forte douleur", "Strong pain"),
            say("Très forte douleur", "Very strong pain"),
            say("La plus forte douleur", "The worst pain"),
        ),
    )


def seven(say: Say) -> ScaleView:
    return replace(
        scale(say),
        heading=say("Votre nuit", "Your night"),
        question=say(f"Comment avez-vous dormi{NN}?", "How did you sleep?"),
        options=(
            say("Très mal", "Very badly"),
            say("Mal", "Badly"),
            say("Plutôt mal", "Rather badly"),
            say("Moyen", "So-so"),
            say("Plutôt bien", "Rather well"),
            say("Bien", "Well"),
            say("Très bien", "Very well"),
        ),
        ramp="pleasant",
    )


def moods(say: Say) -> ScaleView:
    return replace(
        scale(say),
        question=say(f"Comment s’est passée votre semaine{NN}?", "How was your week?"),
        help=say("Touchez le visage qui vous ressemble.", "Touch the face that is like you."),
        faces=True,
        ramp="pleasant",
        options=(
            say("Très mal", "Very badly"),
            say("Mal", "Badly"),
            say("Moyen", "So-so"),
            say("Bien", "Well"),
            say("Très bien", "Very well"),
        ),
    )


def choice(say: Say) -> ChoiceView:
    labels = (
        say("La fatigue", "Tiredness"),
        say("Le manque d’appétit", "No appetite"),
        say("Les nausées", "Nausea"),
        say("Le sommeil", "Sleep"),
        say("La douleur", "Pain"),
        say("La peau", "The skin"),
    )
    return ChoiceView(
        question=say(f"Qu’est-ce qui vous a gêné cette semaine{NN}?", "What troubled you this week?"),
        options=tuple(Option(f"option:{at}", label) for at, label in enumerate(labels)),
        chosen=None,
        **common(say, say("Choisissez le plus difficile.", "Choose what was hardest.")),
    )


def pictured(say: Say) -> ChoiceView:
    options = (
        Option("option:0", say("Marcher", "Walking"), "walk"),
        Option("option:1", say("Dormir", "Sleeping"), "sleep"),
        Option("option:2", say("Respirer", "Breathing"), "breath"),
        Option("option:3", say("Manger", "Eating"), "meal"),
        Option("option:4", say("Parler", "Talking"), "phone"),
        Option("option:5", say("Le soleil", "The sun"), "sun"),
    )
    question = say(f"Qu’est-ce qui vous a fait du bien{NN}?", "What did you good?")
    return replace(choice(say), question=question, help="", options=options)


def who(say: Say) -> ChoiceView:
    words = say.words.asking
    labels = (words.who_self, words.who_with_relative, words.who_relative, words.who_carer)
    options = tuple(Option(f"option:{at}", label) for at, label in enumerate(labels))
    return replace(choice(say), question=words.who, help=words.who_help, options=options, decline="", step=1)


def yes_no(say: Say) -> YesNoView:
    return YesNoView(
        question=say(f"Avez-vous pris vos médicaments hier{NN}?", "Did you take your medicines yesterday?"),
        yes=say.words.asking.yes,
        no=say.words.asking.no,
        chosen=None,
        **common(say),
    )


def number(say: Say) -> NumberView:
    return NumberView(
        question=say(f"Combien d’heures avez-vous dormi{NN}?", "How many hours did you sleep?"),
        digits="",
        allowed=say.words.asking.number_allowed.format(first=0, last=24),
        **common(say, say("Cette nuit, à peu près.", "Last night, more or less.")),
    )


def _long(say: Say) -> str:
    """As long as a question may be: 90 characters."""
    return say(
        f"Avez-vous ressenti dans la journée d’hier une gêne importante en montant les escaliers{NN}?",
        "Did you feel any serious discomfort yesterday while you were climbing the stairs at home?",
    )


def samples(say: Say) -> Samples:
    return {**_scales(say), **_choices(say), **_others(say)}


def _scales(say: Say) -> Samples:
    return {
        "scale-unanswered": Sample(scale(say), "A verbal scale: the place, a number and bars that rise."),
        "scale-chosen": Sample(replace(scale(say), chosen=3), "One step chosen: ground, edge and tick."),
        "scale-seven": Sample(seven(say), "Seven steps, within a group that has a heading."),
        "scale-long": Sample(
            replace(scale(say), question=_long(say), chosen=1), "A question as long as the contract allows."
        ),
        "faces-unanswered": Sample(faces(say), "A faces scale, drawn for Chevet: at rest first, no tears last."),
        "faces-week": Sample(moods(say), "A faces scale whose most is the best: from trouble to ease."),
        "faces-chosen": Sample(replace(faces(say), chosen=3), "A face chosen."),
    }


def _choices(say: Say) -> Samples:
    more = replace(choice(say), more=say.words.asking.more, chosen="option:1")
    return {
        "choice-six": Sample(choice(say), "One answer of six, in no order."),
        "choice-more": Sample(more, "More answers than a screen holds."),
        "choice-long": Sample(replace(choice(say), question=_long(say)), "A long question above six answers."),
        "choice-pictures": Sample(pictured(say), "Answers with pictures."),
        "who-answers": Sample(replace(who(say), chosen="option:1"), "Who answers: asked once, nobody declines."),
    }


def _others(say: Say) -> Samples:
    typed, wrong = replace(number(say), digits="7"), say.words.asking.number_wrong
    return {
        "yes-no": Sample(yes_no(say), "Yes or no."),
        "yes-no-chosen": Sample(replace(yes_no(say), chosen=False), "No: a cross says the same as the word."),
        "yes-no-declined": Sample(replace(yes_no(say), declined=True, question=_long(say)), "Declined is no answer."),
        "number-empty": Sample(number(say), "A whole number by a pad of digits."),
        "number-typed": Sample(typed, "Seven hours."),
        "number-wrong": Sample(replace(number(say), digits="96", wrong=wrong), "Not a number that is allowed."),
    }
