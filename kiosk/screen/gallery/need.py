"""The need of the moment, help and its true state, and why a care was stopped."""

from dataclasses import replace

from kiosk.journey.views import HelpView, NeedView, StopWhyView, Tile
from kiosk.screen.gallery import home
from kiosk.screen.gallery.sample import Sample, Samples, Say


def need(say: Say) -> NeedView:
    words = say.words
    return NeedView(
        title=words.need.title,
        reason=words.need.reasons["strong-pain"],
        offers=(_help(say),),
        keep=replace(home.river(say), target="keep", subtitle=words.need.keep_before),
    )


def _help(say: Say) -> Tile:
    return Tile("help", say.words.helping.ask, say.words.need.help_detail, "help")


def crisis(say: Say) -> NeedView:
    reason = say(
        "Votre angoisse est forte. Ce soin court peut aider.", "Your anguish is strong. This short care can help."
    )
    return replace(need(say), reason=reason, offers=(home.anchor(say),))


def after(say: Say) -> NeedView:
    words = say.words.need
    keep = Tile("keep", words.keep_after, words.keep_after_detail, "relaxation")
    return replace(need(say), reason=words.reasons["pain-risen"], keep=keep)


def helping(say: Say) -> HelpView:
    words = say.words
    return HelpView(words.helping.title, words.helping.home, words.helping.ask, "", "no", words.back)


def stopped(say: Say) -> StopWhyView:
    words = say.words.stopped
    tiles = tuple(Tile(f"reason:{name}", label, "", "question") for name, label in words.reasons.items())
    return StopWhyView(words.question, tiles, words.skip)


def samples(say: Say) -> Samples:
    words, asked = say.words.helping, replace(helping(say), ask="", done=say.words.done)
    reader = say("Claire, infirmière", "Claire, nurse")
    other = replace(home.anchor(say), subtitle=say("Votre angoisse est forte.", "Your anguish is strong."))
    both = replace(need(say), offers=(_help(say), other))
    return {
        "need-help": Sample(need(say), "Pain of 7 and more: a carer is offered first; the care stays."),
        "need-care": Sample(crisis(say), "A rule of the plan proposes another care, and says why."),
        "need-both": Sample(both, "Two proposals beside what was chosen."),
        "need-after": Sample(after(say), "Pain that has risen after a care."),
        "help-home": Sample(helping(say), "Help, at home: first that the box calls nobody, and what to do."),
        "help-establishment": Sample(replace(helping(say), lines=words.establishment), "The same in an establishment."),
        "help-pending": Sample(replace(asked, state=words.pending, sent="pending"), "Asked, and not gone yet."),
        "help-arrived": Sample(replace(asked, state=words.arrived, sent="arrived"), "Arrived, and nobody has read it."),
        "help-again": Sample(
            replace(asked, lines=(*words.home, words.again), state=words.arrived, sent="arrived"),
            "Asked again soon after.",
        ),
        "help-read": Sample(
            replace(helping(say), state=words.read_help.format(reader=reader), sent="read"), "Read, and by whom."
        ),
        "stop-why": Sample(stopped(say), "Why a care was stopped: asked once, nobody has to say."),
    }
