"""Messages, lessons and medicines."""

from dataclasses import replace

from kiosk.journey.views import DeliveryView, LessonView, LetterLine, LettersView, LetterView, Step, WritingView
from kiosk.screen.gallery.sample import NB, NN, Sample, Samples, Say


def _lines(say: Say) -> tuple[LetterLine, ...]:
    claire, paul = say("Claire, infirmière", "Claire, nurse"), say("Paul, médecin", "Paul, doctor")
    return (
        LetterLine(
            "letter:1",
            claire,
            say.words.letters.yesterday,
            say(
                f"Bonjour Madame Martin. Comment avez-vous dormi{NN}? Je passe jeudi matin.",
                "Hello Mrs Martin. How did you sleep? I come by on Thursday morning.",
            ),
            unread=True,
        ),
        LetterLine(
            "letter:2",
            say.words.letters.mine,
            say("lundi", "Monday"),
            say("Merci pour la musique. Je dors mieux.", "Thank you for the music. I sleep better."),
            mine=True,
            state=say.words.letters.read_by.format(reader=say("Claire", "Claire")),
        ),
        LetterLine(
            "letter:3",
            paul,
            say("lundi", "Monday"),
            say("Nous changeons l’heure du soin du soir.", "We change the hour of the evening care."),
        ),
        LetterLine(
            "letter:4",
            claire,
            say("5 mai", "5 May"),
            say("Votre ordonnance est prête.", "Your prescription is ready."),
        ),
    )


def letters(say: Say) -> LettersView:
    words = say.words
    return LettersView(words.letters.title, _lines(say), words.letters.write, words.home, words.letters.more)


def letter(say: Say) -> LetterView:
    return LetterView(
        who=say("Claire, infirmière", "Claire, nurse"),
        when=say("mardi 12 mai, 9 h 30", "Tuesday 12 May, 9:30"),
        paragraph=say(
            f"Bonjour Madame Martin. Comment avez-vous dormi{NN}? Je passe jeudi matin pour voir avec vous le soin du "
            "soir. Vous pouvez me répondre ici.",
            "Hello Mrs Martin. How did you sleep? I come by on Thursday morning to look at the evening care with you. "
            "You can answer me here.",
        ),
        page=1,
        pages=2,
        go_on=say.words.go_on,
        back=say.words.back,
    )


def answering(say: Say) -> LetterView:
    replies = (
        say("J’ai bien dormi", "I slept well"),
        say("J’ai mal dormi", "I slept badly"),
        say("Merci", "Thank you"),
        say("Je préfère le matin", "I prefer mornings"),
        say("Appelez-moi, s’il vous plaît", "Please call me"),
        say("À jeudi", "See you on Thursday"),
    )
    ask = say.words.letters.what_reply
    return replace(
        letter(say), paragraph=ask, page=2, go_on=say.words.decline, replies=replies, reply=say.words.letters.write
    )


def writing(say: Say) -> WritingView:
    return WritingView(
        title=say.words.letters.write,
        text="",
        placeholder=say.words.letters.placeholder,
        layer="letters",
        warning=say.words.letters.urgent_home,
        send=say.words.letters.send,
        back=say.words.back,
        phrases_label=say.words.letters.phrases_label,
        phrases=say.words.letters.phrases,
    )


def phrases(say: Say) -> WritingView:
    said = say.words.letters
    return replace(writing(say), text=said.phrases[1], phrases_shown=True, phrases_label=said.keyboard)


def lesson(say: Say) -> LessonView:
    return LessonView(
        title=say("Mes médicaments contre la douleur", "My medicines against pain"),
        heading=say("Prenez-les à la même heure", "Take them at the same hour"),
        text=say(
            "Le médicament agit mieux quand il est pris chaque jour à la même heure. Prenez-le avec un grand verre "
            f"d’eau. Si vous l’oubliez, ne prenez pas double dose{NB}: appelez votre infirmière.",
            "The medicine works better when it is taken each day at the same hour. Take it with a large glass of "
            "water. If you forget it, do not take a double dose: call your nurse.",
        ),
        picture="pill",
        page=2,
        pages=5,
        go_on=say.words.go_on,
        back=say.words.back,
    )


def long_lesson(say: Say) -> LessonView:
    """As much as the contract lets a page hold: 60 letters above 500."""
    french = (
        "Buvez un grand verre d’eau à chaque repas, et un autre entre les repas, même sans avoir soif. Quand il fait "
        "chaud, buvez encore plus souvent. L’eau aide votre corps à rester fort et aide vos médicaments à bien agir. "
        "Le thé, le café léger, le bouillon et les fruits comptent aussi. Gardez une bouteille près de votre lit pour "
        "la nuit. Si vos jambes gonflent, ou si vous avez du mal à respirer quand vous êtes couchée, dites-le "
        "le jour même à votre infirmière. Ne changez rien seule."
    )
    english = (
        "Drink a large glass of water with each meal, and another between meals, even when you are not thirsty. When "
        "it is hot, drink more often still. Water helps your body to stay strong and helps your medicines to work "
        "well. Tea, weak coffee, broth and fruit count as well. Keep a bottle near your bed for the night. If your "
        "legs swell, or if you find it hard to breathe when you lie down, tell your nurse on the same day. "
        "Do not change anything by yourself."
    )
    heading = say(
        "Boire assez chaque jour, en été comme en hiver, sans soif",
        "Drinking enough every day, in summer and in winter, always",
    )
    return replace(lesson(say), heading=heading, text=say(french, english)[:500], picture="water", page=7, pages=30)


def delivery(say: Say) -> DeliveryView:
    steps = tuple(Step(name, done=at < 3, now=at == 3) for at, name in enumerate(say.words.delivery.steps))
    return DeliveryView(
        title=say.words.delivery.title,
        pharmacy=say("Pharmacie des Tilleuls", "Linden Pharmacy"),
        steps=steps,
        state=say.words.delivery.told["on-the-way"],
        ask="",
        received=say.words.delivery.received,
        back=say.words.home,
        note=say("Passage demain matin.", "Tomorrow morning."),
    )


def to_ask(say: Say) -> DeliveryView:
    return replace(
        delivery(say),
        steps=(),
        state=say.words.delivery.none,
        note="",
        received="",
        ask=say.words.delivery.ask,
    )


def samples(say: Say) -> Samples:
    none = replace(letters(say), letters=(), more="", empty=say.words.letters.empty)
    typed = replace(writing(say), text=say("Bonjour Claire, je voudrais", "Hello Claire, I would like"))
    return {
        "letters": Sample(letters(say), "Messages of the team and to it, the newest first."),
        "letters-empty": Sample(none, "No message yet."),
        "letter": Sample(letter(say), "A message, one paragraph a screen."),
        "letter-answer": Sample(answering(say), "Ready answers after the last page."),
        "writing": Sample(typed, "Writing to the team: the warning stays in sight."),
        "writing-empty": Sample(writing(say), "Before the first letter nothing can be sent."),
        "writing-phrases": Sample(phrases(say), "Ready phrases in place of the keyboard."),
        "lesson": Sample(lesson(say), "A page of a lesson, with its picture."),
        "lesson-long": Sample(long_lesson(say), "As many words as the clinic may put on one page."),
        "delivery": Sample(delivery(say), "Medicines on their way."),
        "delivery-ask": Sample(to_ask(say), "Nothing has been asked for yet."),
    }
