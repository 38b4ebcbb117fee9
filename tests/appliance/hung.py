"""A kiosk that hangs while a care plays: the sound is another process's, and goes on to its end."""

from tests.appliance import cases, door, heard, joining, visit, watchdog
from tests.appliance.counted import counted
from tests.appliance.emulator import Machine
from tests.appliance.qmp import EmulatorError
from tests.appliance.short import FOLDER
from tests.appliance.table import Row


def hung(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: no other kiosk in time, or the care was not heard whole."""
    with cases.started(say, "hung", "home", Machine(more=door.SHELL)) as (house, person):
        box = person.box
        person.see("home", joining.WAIT_S_MAX)
        box.door.knock(box)
        visit.before(person)
        person.press()
        person.twin.sound("playing", 0.01)
        person.see("playing")
        took_s = watchdog.again(box, "chevet-kiosk", "STOP")
        person.twin.sound("ended", 1.0, "heard_whole")
        person.see("after", joining.WAIT_S_MAX)
        house.start("broker", "ingest")
        row = cases.told(house, person, "the kiosk hung while a care played", f"another after {took_s:.0f} s")
        clinic = counted(house.clinic_home / "clinic.db", joining.NEW_BOX)
        box.switch_off()
    if [*clinic.listenings.values()] != ["heard_whole"]:
        raise EmulatorError(f"hung: the care was told as {clinic.listenings}")
    package = heard.expected(FOLDER / "packages" / "riviere", clinic.gain_db)
    sound = heard.compared(heard.recorded(box.folder / "heard.wav"), package)
    if why := heard.amiss(sound, clinic.gaps_total):
        raise EmulatorError(f"hung: the recording: {why}")
    return [row]
