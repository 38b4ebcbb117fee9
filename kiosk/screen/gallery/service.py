"""For staff."""

from kiosk.journey.views import FindingLine, LevelView, SelfTestView, ServiceView, Tile, TouchTestView
from kiosk.journey.views.service import State
from kiosk.screen.gallery.sample import Sample, Samples, Say


def service(say: Say) -> ServiceView:
    said = say.words.service
    first = (("test", said.test), ("level", said.level), ("training", said.training))
    tiles = (*first, ("death", said.death), ("restart", said.restart))
    return ServiceView(
        title=said.menu,
        lines=(
            said.box.format(box="box-12", version="0.1.0"),
            said.answered.format(since=said.minutes.format(span_count=2)),
            said.nothing_waits,
            said.clock_sure,
            said.room.format(room=11264),
            said.headphones.format(headphones="Superlux HD 681"),
        ),
        tiles=tuple(Tile(target, title, "", "service") for target, title in tiles),
        back=said.leave,
    )


def selftest(say: Say) -> SelfTestView:
    said = say.words.service
    states: dict[str, State] = {"sound": "asked", "button": "failed"}
    findings = (
        FindingLine(label, states.get(check, "fine"), said.remedies.get(check, "") if check in states else "")
        for check, label in said.checks.items()
        if check != "box-file"  # it stands on the room's line
    )
    return SelfTestView(said.test_title, tuple(findings), said.ask["sound"], said.yes, said.no, say.words.back)


def touch(say: Say) -> TouchTestView:
    points = ("north-west", "north-east", "middle", "south-east")
    return TouchTestView(say.words.service.touch_points, points, say.words.service.skip)


def level(say: Say) -> LevelView:
    said = say.words.service
    return LevelView(
        title=said.level,
        lines=(*said.level_lines, said.level_from.format(headphones="Superlux HD 681")),
        level=said.level_dba.format(level=70),
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
