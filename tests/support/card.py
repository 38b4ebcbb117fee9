"""What a copied card tells: the raw bytes of every file of a box, searched for words however they may be written."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path


def told_by(folder: Path, words: Iterable[str]) -> list[tuple[str, str]]:
    """(file, word) of each word that a file of the folder holds, in whatever coding one would look for it."""
    wanted = [(word, spelling) for word in words for spelling in spellings(word)]
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]
    assert files, f"nothing in {folder}"
    found = {
        (str(file.relative_to(folder)), word)
        for file in files
        for raw in [file.read_bytes()]
        for word, spelling in wanted
        if spelling in raw
    }
    return sorted(found)


def spellings(word: str) -> Iterator[bytes]:
    """UTF-8, UTF-16, JSON's escapes, and base64 wherever the word begins in it."""
    plain = word.encode()
    yield from {plain, word.encode("utf-16-le"), word.encode("utf-16-be"), json.dumps(word)[1:-1].encode()}
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        yield coded[-(-8 * before // 6) : (8 * (before + len(plain))) // 6]
