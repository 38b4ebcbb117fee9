"""`make sealed`: the data partition by a TPM, in the emulator.

Made at the first start, opened at the second; in another machine the box says so and writes nothing; back in its own it
opens again.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pygame

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.place import VAR, in_bench
from kiosk.journey.views import Frame
from tests.appliance import board, chip, door, eyes
from tests.appliance.damage import data_at
from tests.appliance.emulator import SIZE, Emulator, Machine, emptied
from tests.appliance.first import notice
from tests.appliance.joining import WAIT_S_MAX, Say
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import wait_for_view
from tests.appliance.twin import WORDS

PIECE = 2**20
SHARE_MAX = 0.02
MINE, ANOTHER = (hashlib.sha256(name).digest() for name in (b"a board", b"another board"))


def sealed(say: Say) -> None:
    """Raises EmulatorError when a step does not come within its limit, or is another."""
    folder = emptied("sealed")
    made(folder, say)
    opened(folder, say)
    elsewhere(folder, say)
    with started(folder, "mine") as box:
        at_s = box.until_told("chevet-data: mounted", WAIT_S_MAX)
        say(f"back in its own machine it opens ({at_s:.0f} s)")


def made(folder: Path, say: Say) -> None:
    with started(folder, "mine", before=chip.fitted) as box:
        box.until_told("chevet-data: opened by tpm2", WAIT_S_MAX)
        at_s = box.until_told("chevet-data: mounted", WAIT_S_MAX)
        say(f"made by the TPM, and mounted ({at_s:.0f} s)")
        wait_for_view(box, [notice("not-enrolled")], "first", WAIT_S_MAX)
        say("the first screen")
    header(folder / "disk.img", say)


def opened(folder: Path, say: Say) -> None:
    """The second start, with a shell on its console: what the self-test says of the key."""
    with started(folder, "mine", more=door.SHELL) as box:
        at_s = box.until_told("chevet-data: mounted", WAIT_S_MAX)
        if "chevet-data: made" in box.serial():
            raise EmulatorError("the second start made the partition anew")
        say(f"opened by the TPM at the second start, and mounted ({at_s:.0f} s)")
        box.door.knock(box, WAIT_S_MAX)
        test = "/opt/chevet/bin/chevet-kiosk selftest --config /etc/chevet/kiosk.toml"
        said = [line for line in box.door.ask(test, box, WAIT_S_MAX) if "key-" in line]
        if not any(line.startswith("ok   key-tpm2") for line in said):
            raise EmulatorError(f"the self-test does not name the TPM: {said}")
        say(f"the self-test: {said[0]}")


def elsewhere(folder: Path, say: Say) -> None:
    before = digest(folder / "disk.img")
    with started(folder, "another") as box:
        box.until_told("this TPM does not open it", WAIT_S_MAX)
        see_refusal(box, folder)
        say("in another machine the box says that it cannot open it (another.png)")
    if digest(folder / "disk.img") != before:
        raise EmulatorError("another machine wrote to the data partition")
    say("not a byte of the partition was changed")


def see_refusal(box: Emulator, folder: Path) -> None:
    """Until the screen says that the card is another box's: nearer to that than to any other notice.

    Five lines of type differ in 1.3 % of their squares by two versions of SDL, one line of other words in more.
    """
    drawn = {code: eyes.drawn(notice(code), Frame(), SIZE) for code in WORDS.notice}

    def seen() -> bool:
        try:
            screen = eyes.read(box.look())
        except pygame.error:  # not written whole yet
            return False
        apart = {code: eyes.apart(screen, one) for code, one in drawn.items()}
        return min(apart, key=apart.__getitem__) == "key-other" and apart["key-other"] <= SHARE_MAX

    box.until(seen, WAIT_S_MAX, f"the screen is not what it should be: {folder / 'look.ppm'}")
    box.screen("another")


@contextmanager
def started(
    folder: Path, machine: str, *, more: str = "", before: Callable[[Path], None] = lambda _: None
) -> Iterator[Emulator]:
    """A start with this machine's chip; power goes at its end, as a plug is pulled."""
    with (
        chip.Chip(folder / machine) as one,
        Emulator(folder, CARD, Machine(devices=one.words, more=more), before=before) as box,
    ):
        yield box


def burnt(say: Say) -> None:
    """The same by the private key of QEMU's Pi 3. Raises EmulatorError."""
    folder = emptied("burnt")
    with board.Board(folder) as box:
        box.until_told("this Pi's private key was never written", WAIT_S_MAX)
    if any_byte(folder / "disk.img"):
        raise EmulatorError("a partition was made without a key")
    say("a board whose key was never written makes nothing")
    with board.Board(folder, MINE) as box:
        box.until_told("chevet-data: opened by pi-otp", WAIT_S_MAX)
        at_s = box.until_told("chevet-data: mounted", WAIT_S_MAX)
        say(f"made by the board's private key, and mounted ({at_s:.0f} s)")
    before = digest(folder / "disk.img")
    with board.Board(folder, ANOTHER) as box:
        box.until_told("the key of this machine does not open it", WAIT_S_MAX)
    if digest(folder / "disk.img") != before:
        raise EmulatorError("another board wrote to the data partition")
    say("another board does not open it, and changed no byte")
    with board.Board(folder, MINE) as box:
        at_s = box.until_told("chevet-data: mounted", WAIT_S_MAX)
        say(f"back in its own board it opens ({at_s:.0f} s)")


def any_byte(card: Path) -> bool:
    """Whether anything was ever written to the data partition."""
    with card.open("rb") as file:
        file.seek(data_at())
        while piece := file.read(PIECE):
            if piece.strip(b"\0"):
                return True
    return False


def header(card: Path, say: Say) -> None:
    """What the partition's header tells to who has the card. Raises EmulatorError: a key that is not the chip's."""
    copy = f"dd if={card.relative_to(VAR)} of=head bs=1M skip={data_at() // PIECE} count=16 status=none"
    said = in_bench(f"{copy}; cryptsetup luksDump head; echo; cryptsetup token export --token-id 0 head; rm head")
    slots = [line.strip() for line in said.splitlines() if line.strip().endswith(": luks2")]
    token = json.loads(said.splitlines()[-1])
    if slots != ["1: luks2"] or token["type"] != "systemd-tpm2" or token["keyslots"] != ["1"] or token["tpm2-pcrs"]:
        raise EmulatorError(f"this is not a header of one key by a TPM, bound to no measurement:\n{said}")
    say("its header has one key, the TPM's")


def digest(card: Path) -> str:
    """Of the whole data partition."""
    total = hashlib.sha256()
    with card.open("rb") as file:
        file.seek(data_at())
        while piece := file.read(PIECE):
            total.update(piece)
    return total.hexdigest()
