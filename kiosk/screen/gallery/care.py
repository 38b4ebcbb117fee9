"""One care: its explanation, ready, playing, stopping, thanks; and the calm notices."""

from dataclasses import replace

from kiosk.journey.honest import for_staff
from kiosk.journey.views import (
    ConfirmStopView,
    NoticeView,
    PlayingView,
    ReadyView,
    RestView,
    TextView,
    ThanksView,
)
from kiosk.screen.gallery.home import river
from kiosk.screen.gallery.sample import NB, Sample, Samples, Say


def text(say: Say) -> TextView:
    return TextView(
        title=river(say).title,
        heading=say.words.advice,
        paragraph=say(
            "Mettez le casque sur vos oreilles. Vous pouvez fermer les yeux. La musique commence doucement, "
            f"puis ralentit. Vous n’avez rien à faire{NB}: laissez-vous porter.",
            "Put the headphones over your ears. You may close your eyes. The music begins softly, then slows down. "
            "There is nothing to do: let it carry you.",
        ),
        go_on=say.words.go_on,
        back=say.words.back,
        page=2,
        pages=3,
    )


def long_text(say: Say) -> TextView:
    return replace(
        text(say),
        heading=say(
            "Ce que vous pourrez faire chez vous, les jours où la douleur revient plus fort",
            "What you can do at home on the days when the pain comes back more strongly",
        ),
        paragraph=say(
            f"Si la douleur revient, asseyez-vous au calme. Respirez lentement{NB}: comptez quatre temps en "
            "inspirant, six en soufflant. Écoutez la musique au même niveau qu’ici, sans la monter. Après vingt "
            "minutes, levez-vous sans vous presser. Notez comment vous allez, et parlez-en à votre infirmière.",
            "If the pain comes back, sit down in a quiet place. Breathe slowly: count four while breathing in, six "
            "while breathing out. Listen to the music at the same level as here, without turning it up. After "
            "twenty minutes get up without hurry. Note how you are, and tell your nurse about it.",
        ),
    )


def ready(say: Say) -> ReadyView:
    words = say.words
    return ReadyView(words.ready, words.ready_armed, words.ready_detail, words.home, armed=True)


def waiting(say: Say) -> ReadyView:
    return replace(ready(say), title=river(say).title, instruction=say.words.ready_waiting, detail="", armed=False)


def playing(say: Say) -> PlayingView:
    words = say.words
    return PlayingView(0.38, words.playing, words.softer, words.louder, words.stop, dim=False, level=5, level_max=9)


def thanks(say: Say) -> ThanksView:
    words = say.words
    return ThanksView(
        title=words.thanks.format(name=say("Madame Martin", "Mrs Martin")),
        sentence=words.thanks_detail,
        record=words.record_pending,
        in_record=False,
        done=words.done,
    )


def notice(say: Say, code: str, cause: str = "", **holes: str) -> NoticeView:
    """One of the box's own notices."""
    found = say.words.notice[code]
    lines = tuple(line.format(**holes) for line in found.lines)
    return NoticeView(found.title, lines, say.words.done, cause, for_staff(cause, say.words), say.words.help)


def samples(say: Say) -> Samples:
    return {**_before(say), **_during(say), **_after(say), **_notices(say)}


def _before(say: Say) -> Samples:
    softer = replace(ready(say), detail=say.words.ready_softer)
    return {
        "text": Sample(text(say), "A page of the advice on settling in."),
        "text-long": Sample(long_text(say), "The longest words that a plan may bring."),
        "ready": Sample(ready(say), "The sound is ready: the round button of the box waits for a press."),
        "ready-not-armed": Sample(waiting(say), "The sound is being made ready; the button is not lit yet."),
        "ready-softer": Sample(softer, "The ears have heard a lot this week, so it plays more softly."),
    }


def _during(say: Say) -> Samples:
    words = say.words
    loudest = replace(playing(say), sentence=words.loudest, level=8, level_max=8, show_level=True)
    unplugged = replace(playing(say), sentence=words.headphones_out)
    confirm = ConfirmStopView(words.stop_question, words.stop_detail, words.stop_yes, words.stop_no)
    return {
        "playing": Sample(playing(say), "Listening: a light that breathes, the time left as a ring."),
        "playing-level": Sample(replace(playing(say), fraction=0.8, show_level=True), "Just after « softer »."),
        "playing-loudest": Sample(loudest, "The loudest that these ears may have."),
        "playing-unplugged": Sample(unplugged, "The plug came out: nothing is asked, the music goes on."),
        "playing-dim": Sample(replace(playing(say), dim=True), "After a minute it dims; the three buttons stay."),
        "confirm-stop": Sample(confirm, "« Stop » asks once, while the music goes on."),
    }


def _after(say: Say) -> Samples:
    in_record = replace(thanks(say), record=say.words.record_in, in_record=True)
    return {
        "rest": Sample(RestView(say.words.rest), "Dark and silent after a sleep care: the questions wait."),
        "thanks": Sample(thanks(say), "The end of a care; the answers have not left yet."),
        "thanks-in-record": Sample(in_record, "The clinic's database has the answers."),
    }


def _notices(say: Say) -> Samples:
    hours = say.words.in_hours.format(hours=3)
    return {
        "notice-sound-lost": Sample(
            notice(say, "sound-lost", "device-lost"), "The sound card was pulled out while a care played."
        ),
        "notice-ears": Sample(notice(say, "ears-rest", when=hours), "The week's dose of sound is full."),
        "notice-memory": Sample(
            replace(notice(say, "kept-in-memory"), done="", help=""), "The disk takes nothing any more."
        ),
        "notice-return": Sample(replace(notice(say, "asked-back"), done="", help=""), "The clinic wants the box back."),
        "notice-revoked": Sample(
            replace(notice(say, "revoked"), done="", help=""), "A box that was revoked; what it holds stays on it."
        ),
        "notice-button": Sample(
            replace(notice(say, "button-missing"), done="", help=""),
            "The button's line cannot be opened: nobody could stop a care.",
        ),
        "notice-new": Sample(replace(notice(say, "not-enrolled"), done="", help=""), "A box that no clinic knows yet."),
    }
