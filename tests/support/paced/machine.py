"""The paced device with its files: what was played, what happened and when, its plug, and the triggers for trouble."""

import time
from pathlib import Path

import msgspec

from tests.support.paced.build import JACK_SOURCE, PCM_NAME, asoundrc, build, jack_asoundrc

LOOK_S = 0.01


class Event(msgspec.Struct, frozen=True):
    """A line of the device's log: open, start, underrun, vanish, stop, close."""

    name: str
    monotonic_ns: int
    frames: int


class PacedDevice(msgspec.Struct, frozen=True):
    """`environment` makes ALSA know the PCM `name`, and no other."""

    folder: Path
    name: str = PCM_NAME

    @property
    def environment(self) -> dict[str, str]:
        return {"ALSA_CONFIG_PATH": str(self.folder / "asoundrc")}

    @property
    def out(self) -> Path:
        return self.folder / "played.raw"

    def played(self) -> bytes:
        return self.out.read_bytes()

    def events(self, name: str | None = None) -> list[Event]:
        log = self.folder / "log"
        lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        events = [Event(word, int(ns), int(frames)) for word, ns, frames in lines]
        return [event for event in events if name in (None, event.name)]

    def wait_for(self, name: str, wait_s_max: float = 60) -> Event:
        """Return the first event of that name. Raises TimeoutError."""
        until_s = time.monotonic() + wait_s_max
        while not (found := self.events(name)):
            if time.monotonic() > until_s:
                raise TimeoutError(f"no {name} within {wait_s_max} s")
            time.sleep(LOOK_S)  # another process's file: there is no event to wait for
        return found[0]

    def stall(self) -> None:
        """Force an underrun, once."""
        (self.folder / "stall").touch()

    def vanish(self) -> None:
        """Unplug the card."""
        (self.folder / "vanish").touch()

    def come_back(self) -> None:
        (self.folder / "vanish").unlink()

    def plug_in(self) -> None:
        """Put the headphones' plug into the socket."""
        (self.folder / "jack" / "plug").touch()

    def pull_out(self) -> None:
        (self.folder / "jack" / "plug").unlink()

    def level(self) -> int:
        """What its "PCM Playback Volume" was set to, 0 to 64."""
        return int((self.folder / "jack" / "plug.level").read_text())

    def lose_the_socket(self) -> None:
        """The card no longer answers about its socket."""
        (self.folder / "jack" / "plug.gone").touch()


def paced_device(folder: Path, speed: float = 1.0, *, build_dir: Path | None = None) -> PacedDevice:
    """Make a paced device whose files lie in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    lib = build(build_dir or folder)
    device = PacedDevice(folder)
    (folder / "jack").mkdir(exist_ok=True)
    jack = jack_asoundrc(build(build_dir or folder, JACK_SOURCE), folder / "jack" / "plug")
    text = jack + asoundrc(
        lib, PCM_NAME, device.out, folder / "log", speed, stall=folder / "stall", vanish=folder / "vanish"
    )
    (folder / "asoundrc").write_text(text)
    return device
