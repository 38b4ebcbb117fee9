"""Whether a file is as long as it says: libsndfile plays a recording that was cut short as if it were whole."""

import struct
from pathlib import Path

HEADER_BYTES = 28
PAD_BYTES = 1  # some programs count the last pad byte and do not write it
UNFINISHED = (0, 0xFFFFFFFF)  # what a recorder writes first, and puts right when it ends


def announced_bytes(file: Path) -> int | None:
    """Return how many bytes a WAV, RF64 or AIFF says that it has, None for another form.

    An unfinished WAV or AIFF says 0 or 4 GiB. Raises OSError.
    """
    with file.open("rb") as opened:
        header = opened.read(HEADER_BYTES).ljust(HEADER_BYTES, b"\0")
    match header[:4]:
        case b"RIFF":
            return int(struct.unpack_from("<L", header, 4)[0]) + 8
        case b"FORM":
            return int(struct.unpack_from(">L", header, 4)[0]) + 8
        case b"RF64" if header[12:16] == b"ds64":
            return int(struct.unpack_from("<Q", header, 20)[0]) + 8
    return None


def is_cut_short(file: Path) -> bool:
    """Tell whether a file lacks bytes that it announces, or was never finished. Raises OSError."""
    announced = announced_bytes(file)
    if announced is None:
        return False
    return announced - 8 in UNFINISHED or file.stat().st_size + PAD_BYTES < announced
