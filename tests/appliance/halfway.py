"""Power cuts while an update is written: which slot U-Boot takes from the card that each leaves, and is it whole.

Nothing is started: the log of the writes of the case `update` is cut at places of it. What U-Boot takes, its record
says (slots.py). Slot A is whole when not a byte of it was written; slot B, when each byte is the update's own: the
kernel's partition holds the hash by which dm-verity accepts that root and no other. It must be on trial, or have
been.
"""

import random
from collections.abc import Mapping
from pathlib import Path

from firmware_config.image.recipe.disk import LAYOUT, MIB, SECTOR
from firmware_config.image.recipe.place import VAR
from tests.appliance import cases, joining, newer, slots, writes
from tests.appliance.emulator import WRITES, emptied
from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row
from tests.appliance.writes import Entry

COUNT, SEED = 30, 11
PLACES = {one.name: (one.start_mib * MIB, one.size_mib * MIB) for one in LAYOUT}
SLOT_B = {"boot-b": "boot.img", "root-b": "root.img"}


def update_cuts(say: joining.Say) -> list[Row]:
    """Raises EmulatorError: no update was written here before."""
    log = VAR / "run" / "update" / WRITES
    if not log.exists():
        raise EmulatorError('no update was written here; have one written with: make image-test ONLY="session update"')
    folder = emptied("update-cuts")
    cases.card_at("home-pending", folder)
    former = slots.record(folder / "disk.img")
    found, images = writes.entries(log), {name: newer.SLOT / file for name, file in SLOT_B.items()}
    chosen = places(found, COUNT, SEED)
    took = {"a": 0, "b": 0}
    wrong = list[str]()
    for number, place in enumerate(chosen):
        kept = writes.survivors(writes.until(found, place), SEED + number)
        slot = slots.taken(record_after(log, kept, former))
        took[slot] += 1
        all_faults = faults(log, kept, slot, images, folder) + untried(log, writes.until(found, place), kept)
        wrong += [f"cut at byte {place}: {one}" for one in all_faults]
    for one in wrong:
        say(f"update-cuts: {one}")
    told = f"U-Boot takes slot A {took['a']} times, slot B {took['b']} times; not whole or never on trial: {len(wrong)}"
    fine = not wrong and min(took.values()) > 0
    return [Row("cuts while an update is written", told, boots=0, cuts=len(chosen), within=fine)]


def places(found: list[Entry], count: int, seed: int) -> list[int]:
    """Where the log is cut: right after each writing of U-Boot's record, and anywhere since slot B's first block.

    Raises EmulatorError: slot B was not written.
    """
    ends = [entry.end for entry in found]
    first = next((at for at, entry in enumerate(found) if any(_within(entry, name) for name in SLOT_B)), None)
    records = [at for at, entry in enumerate(found) if _on(entry, MIB, SECTOR)]
    if first is None or not records or records[-1] < first:
        raise EmulatorError("in this log no update was written into slot B")
    sure = [ends[at] for at in records if at > first][:count]
    chance = random.Random(seed)  # noqa: S311  # the same again
    return sorted([*sure, *(ends[chance.randint(first, records[-1])] for _ in range(count - len(sure)))])


def record_after(log: Path, kept: list[Entry], former: dict[str, str]) -> dict[str, str]:
    """U-Boot's record as the last of these writes left it; former: as it was before them."""
    last = _standing(kept)
    return former if last is None else _record(log, last)


def untried(log: Path, found: list[Entry], kept: list[Entry]) -> list[str]:
    """Whether slot B is taken by a record before which none has put it on trial. found: the log as far as the cut.

    The mark is gone once the slot was called good, so the records before the one that stands are looked at too.
    """
    last = _standing(kept)
    if last is None or slots.taken(_record(log, last)) != "b":
        return []
    before = (_record(log, one) for one in found if _is_record(one) and one.end <= last.end)
    marked = any(one.get("CHEVET_TRIAL") == "B" and slots.taken(one) == "b" for one in before)
    return [] if marked else ["slot B is taken, and was never on trial"]


def _standing(kept: list[Entry]) -> Entry | None:
    return next((entry for entry in reversed(kept) if _is_record(entry)), None)


def _is_record(entry: Entry) -> bool:
    return _on(entry, MIB, SECTOR) and _is_written(entry)


def _record(log: Path, entry: Entry) -> dict[str, str]:
    return slots.read(_bytes(log, entry)[MIB - entry.at :][:SECTOR])


def faults(log: Path, kept: list[Entry], slot: str, images: Mapping[str, Path], folder: Path) -> list[str]:
    """What is not whole of the slot that is taken. images: what each partition of slot B must begin with."""
    if slot == "a":
        touched = sum(_within(entry, "boot-a") or _within(entry, "root-a") for entry in kept)
        return [f"slot A is taken, and was written to {touched} times"] if touched else []
    return [
        f"slot B is taken, and {name} is not the update's"
        for name, image in images.items()
        if not _is_there(log, kept, name, image, folder / f"{name}.img")
    ]


def _is_there(log: Path, kept: list[Entry], name: str, image: Path, scratch: Path) -> bool:
    """Whether this partition, replayed by itself, begins with the image."""
    start, size = PLACES[name]
    with scratch.open("w+b") as part:
        part.truncate(size)
        for entry in kept:
            if _within(entry, name) and _is_written(entry):
                part.seek(entry.at - start)
                part.write(_bytes(log, entry))
        part.seek(0)
        with image.open("rb") as wanted:
            return all(piece == part.read(len(piece)) for piece in iter(lambda: wanted.read(MIB), b""))


def _bytes(log: Path, entry: Entry) -> bytes:
    with log.open("rb") as file:
        file.seek(entry.data_at)
        return file.read(entry.size)


def _within(entry: Entry, name: str) -> bool:
    return _on(entry, *PLACES[name])


def _on(entry: Entry, start: int, size: int) -> bool:
    """Whether this write, or this giving back of blocks, touches these bytes of the card."""
    return entry.at < start + size and start < entry.at + entry.size


def _is_written(entry: Entry) -> bool:
    return not entry.flags & writes.DISCARD
