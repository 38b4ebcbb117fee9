"""Two controls that must lose: a card that keeps nothing of what it flushes, a box whose databases flush nothing."""

from dataclasses import replace
from pathlib import Path

from tests.appliance import cases, cuts, door, joining, measured, visit
from tests.appliance.emulator import Machine, copied
from tests.appliance.kept import keep
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import Resident
from tests.appliance.short import FIRST
from tests.appliance.table import Row

COUNT = 4
_ROOM = "/opt/chevet/lib/python3.13/site-packages/mqtt_bridge"
_OFF = f"""\
mkdir -p /run/unsynced/none; sed s/synchronous=FULL/synchronous=OFF/ {_ROOM}/database.py >/run/unsynced/database.py; \
mount --bind /run/unsynced/database.py {_ROOM}/database.py; mount --bind /run/unsynced/none {_ROOM}/__pycache__; \
systemctl restart chevet-kiosk chevet-link"""
"""Another line of one file, in memory alone: the root is read-only. Its byte code is hidden, or it would go before."""
_PLAYED = "/run/played"
_SEEN = (
    "grep -c PRAGMA.synchronous=OFF "
    f"/proc/$(systemctl show --property=MainPID --value chevet-kiosk)/root{_ROOM}/database.py"
)


def control(say: joining.Say) -> list[Row]:
    """The same session on a card that calls a flush done and does nothing. Raises EmulatorError: nothing was lost."""
    steps = cuts.played()
    rows = cuts.read_cuts(say, cuts.drawn(steps, COUNT, cuts.SEED), lies_from=steps[0].written)
    return [_row("control: a card that lies about its flushes", rows, boots=0)]


def unsynced(say: joining.Say) -> list[Row]:
    """An honest card, and a box that does not ask it to flush: SQLite's synchronous=OFF. Raises EmulatorError.

    Cut where the screen has just said that a report is kept: ext4 writes it by itself within half a minute, and of six
    instants of the whole journey none fell into that.
    """
    with cases.started(say, "unsynced", "home", Machine(logged=True, more=door.SHELL), _kept_first) as (_, person):
        box = person.box
        person.see("home", joining.WAIT_S_MAX)
        box.door.knock(box)
        memory = replace(measured.memory(box), name="memory after a first start, at home")
        say(memory.told)
        box.door.ask(_OFF, box, joining.WAIT_S_MAX)
        box.until(lambda: box.door.ask(_SEEN, box) == ["1"], joining.WAIT_S_MAX, "the kiosk has its databases flushed")
        say("no database of the box asks for a flush any more")
        visit.before(person)
        keep(box.folder, person.steps)
        playing = _playing(person)
        say(playing.told)
    rows = cuts.read_cuts(say, cuts.confirmed(cuts.played(box.folder)), folder=box.folder)
    return [_row("control: synchronous=OFF", rows, boots=1), memory, playing]


def _playing(person: Resident) -> Row:
    """While the card sounds: memory is locked, the screen shows its light."""
    box = person.box
    box.door.ask(measured.beside(_PLAYED), box)
    visit.listen(person, joining.PACKAGE_S)
    return measured.while_it_played(box.door.ask(f"cat {_PLAYED}", box))


def _kept_first(card: Path) -> None:
    """The card as it is before this start: its log begins there."""
    copied(card, card.parent / FIRST)


def _row(name: str, found: list[Row], boots: int) -> Row:
    """Its cuts are no loss of a box's, and are not counted; those of which nothing was learnt are told."""
    whole = cuts.summed(name, found, boots)
    if not whole.lost:
        raise EmulatorError(f"{name}: nothing was lost: the test of the cuts sees nothing; {whole.told}")
    told = f"{whole.lost} reports lost in {len(found)} cuts, as it must; {whole.told}"
    return Row(name, told, boots, ended=whole.ended)
