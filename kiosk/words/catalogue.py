"""`python -m kiosk.words.catalogue`: brings every language up to the French words, which therapists review.

Each other language is a gettext catalogue (kiosk/words/locale): msgctxt is a sentence's name, msgid the French.
Debian's gettext does the work: what is new is empty, what changed in French is fuzzy, what is gone goes. The first two
are not compiled; a test fails until somebody has translated them, in any editor of catalogues. A language that still is
a folder of TOML is taken over, and its folder removed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from kiosk.words import FOLDER, LANGUAGES, tables
from kiosk.words.tree import leaves

SOURCE = "fr"
HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: chevet\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def main() -> int:
    for language in LANGUAGES:
        if language != SOURCE:
            print(f"{language}: {update(language)}", file=sys.stderr)
    return 0


def update(language: str, folder: Path = FOLDER) -> str:
    """Bring one language up to the French words and compile it; say what msgfmt counted. Raises OSError."""
    made = folder / "locale" / language / "LC_MESSAGES" / "kiosk.po"
    made.parent.mkdir(parents=True, exist_ok=True)
    if (folder / language).is_dir():
        made.write_text(entries(dict(leaves(tables(language, folder))), language, folder), encoding="utf-8")
        shutil.rmtree(folder / language)
    _merge(made, entries({}, language, folder))
    return _run("msgfmt", "--check-format", "--statistics", "-o", str(made.with_suffix(".mo")), str(made)).strip()


def entries(said: dict[str, str], language: str, folder: Path = FOLDER) -> str:
    """Every French sentence as an entry, with what is said for its name, or nothing."""
    found = [_entry(name, french, said.get(name, "")) for name, french in leaves(tables(SOURCE, folder))]
    return "\n".join([HEADER.format(language=language), *found])


def _entry(name: str, french: str, said: str) -> str:
    """The holes of both must be the same: msgfmt looks at that where it is told so."""
    holes = "#, python-brace-format\n" if "{" in french else ""
    return f"{holes}msgctxt {_quoted(name)}\nmsgid {_quoted(french)}\nmsgstr {_quoted(said)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _merge(made: Path, template: str) -> None:
    newest = made.with_suffix(".pot")
    newest.write_text(template, encoding="utf-8")
    try:
        if not made.exists():
            made.write_text(template, encoding="utf-8")
        _run("msgmerge", "--quiet", "--update", "--backup=none", "--previous", "--no-wrap", str(made), str(newest))
        _run("msgattrib", "--no-obsolete", "--no-wrap", "-o", str(made), str(made))
    finally:
        newest.unlink()


def _run(*command: str) -> str:
    """Raises OSError: not installed, or what it says."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stderr
    except FileNotFoundError as error:
        raise OSError(f"{command[0]} is not installed: apt install gettext") from error
    except subprocess.CalledProcessError as error:
        raise OSError(f"{' '.join(command)}: {error.stderr}") from error


if __name__ == "__main__":
    sys.exit(main())
