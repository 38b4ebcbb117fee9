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
            say("hier", "yesterday"),
            say(
                f"Bonjour Madame Martin. Comment avez-vous dormi{NN}? Je passe jeudi matin.",
                "Hello Mrs Martin. How did you sleep? I come by on Thursday morning.",
            ),
            unread=True,
        ),
        LetterLine(
            "letter:2",
            say("Vous", "You"),
            say("lundi", "Monday"),
            say("Merci pour la musique. Je dors mieux.", "Thank you for the music. I sleep better."),
            mine=True,
            state=say("Lu par Claire", "Read by Claire"),
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
    more = say("La suite", "More")
    return LettersView(say("Messages", "Messages"), _lines(say), say("Écrire", "Write"), words.home, more)


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
    ask = say(f"Que voulez-vous répondre{NN}?", "What would you like to answer?")
    return replace(
        letter(say), paragraph=ask, page=2, go_on="", replies=replies, reply=say("Écrire autre chose", "Write")
    )


def writing(say: Say) -> WritingView:
    return WritingView(
        title=say("Écrire à l’équipe", "Write to the team"),
        text="",
        placeholder=say.words.comment_placeholder,
        layer="letters",
        warning=say(
            f"Personne ne lit tout de suite. Urgence{NB}: appelez le 15.", "Nobody reads at once. Emergency: call 15."
        ),
        send=say("Envoyer", "Send"),
        back=say.words.back,
        phrases_label=say("Phrases prêtes", "Ready phrases"),
        phrases=(
            say("J’ai une question.", "I have a question."),
            say("J’ai mal dormi.", "I slept badly."),
            say("Le soin m’a fait du bien.", "The care did me good."),
            say("J’ai plus mal.", "My pain is worse."),
            say("Pouvez-vous m’appeler\u202f?", "Can you call me?"),
            say("Merci beaucoup.", "Many thanks."),
        ),
    )


def phrases(say: Say) -> WritingView:
    chosen = say("J’ai mal dormi.", "I slept badly.")
    return replace(writing(say), text=chosen, phrases_shown=True, phrases_label=say("Clavier", "Keyboard"))


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
    steps = (
        Step(say("Demandé", "Asked"), done=True),
        Step(say("Reçu", "Received"), done=True),
        Step(say("À la pharmacie", "At the pharmacy"), done=True),
        Step(say("En route", "On its way"), done=False, now=True),
        Step(say("Remis", "Handed over"), done=False),
    )
    return DeliveryView(
        title=say("Mes médicaments", "My medicines"),
        pharmacy=say("Pharmacie des Tilleuls", "Linden Pharmacy"),
        steps=steps,
        state=say("Vos médicaments arrivent.", "Your medicines are coming."),
        ask="",
        received=say("J’ai reçu mes médicaments", "I have my medicines"),
        back=say.words.home,
        note=say("Passage demain matin.", "Tomorrow morning."),
    )


def to_ask(say: Say) -> DeliveryView:
    return replace(
        delivery(say),
        steps=(),
        state=say("Vous pouvez demander vos médicaments.", "You can ask for your medicines."),
        note=say("Votre pharmacie les apporte chez vous.", "Your pharmacy brings them to your home."),
        received="",
        ask=say("Demander mes médicaments", "Ask for my medicines"),
    )


def samples(say: Say) -> Samples:
    none = replace(letters(say), letters=(), more="", empty=say("Pas de message.", "No message."))
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
