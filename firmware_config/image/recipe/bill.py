"""What is in the image, and under which licences: an SBOM (CycloneDX 1.6, JSON) and a list of licences (text).

Debian's packages keep their copyright files, Python packages mostly their licence's file: those are the licences as
their authors wrote them, and stand whole behind the list, each text once. The short names in the list are told by the
machine-readable ones among them, and by the metadata of Python packages.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from urllib.parse import quote

from firmware_config.image.recipe import debian, vcio
from firmware_config.image.recipe.place import TOP, VAR, epoch
from firmware_config.image.recipe.root import ROOMS, ROOT, SITE, version
from mqtt_bridge.version import VERSION

OURS = "Apache-2.0"
FONTS = "kiosk/screen/fonts"
FONT_LICENCES = {
    "AtkinsonHyperlegibleNext": ("OFL-1.1", "OFL.txt"),
    "DejaVuSans": ("Bitstream-Vera", "DejaVu-LICENSE.txt"),
}
"""By how a font's file begins: its licence's SPDX name, and the text that stands beside it."""
COMMON = "usr/share/common-licenses"
"""The texts to which Debian's copyright files refer."""


@dataclass(frozen=True)
class Part:
    """One thing in the image. kind: CycloneDX's type; spdx: the licences are names of SPDX's list, else free words.

    texts: the files in which its licence stands whole, where there are any; purl: its package URL.
    """

    kind: str
    name: str
    version: str
    licences: tuple[str, ...]
    texts: tuple[Path, ...] = ()
    spdx: bool = False
    purl: str = ""
    sha256: str = ""


def write() -> tuple[Path, Path]:
    """Write var/image/chevet.cdx.json and var/image/licences.txt of the root that is there."""
    found = parts(ROOT)
    bill, told = VAR / "chevet.cdx.json", VAR / "licences.txt"
    bill.write_text(json.dumps(sbom(found, version()), indent=1) + "\n")
    told.write_text(licences(found, ROOT))
    return bill, told


def parts(root: Path) -> list[Part]:
    """Debian's packages, Python packages, and what is ours or came with ours. Raises StopIteration: no kernel."""
    python = [_python(path) for path in sorted((root / SITE).glob("*.dist-info/METADATA"))]
    return [*_debian(root), *python, *_ours(root), *_fonts(root / SITE / FONTS)]


def sbom(found: Iterable[Part], image: str) -> dict[str, object]:
    """CycloneDX 1.6 of the image of this version: each part with a name of its own, and its package URL if any."""
    made = dt.datetime.fromtimestamp(int(epoch()), dt.UTC)
    whole = Part("operating-system", "chevet", image, (OURS,), spdx=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": made.isoformat(), "component": _component(whole)},
        "components": [_component(part) for part in found],
    }


def licences(found: Iterable[Part], root: Path) -> str:
    """Ours, a line for each part, then every text that they name, each once, under the names of those that bear it."""
    found = list(found)
    lines = [f"chevet: {OURS}", *(f"{one.name} {one.version}: {', '.join(one.licences)}" for one in found)]
    texts: dict[str, list[str]] = {_read(TOP / "LICENSE"): ["chevet"]}
    common = [path for path in sorted((root / COMMON).glob("*")) if not path.is_symlink()]
    named = [
        *((one.name, path) for one in found for path in one.texts),
        *((f"/{COMMON}/{one.name}", one) for one in common),
    ]
    for name, path in named:
        texts.setdefault(_read(path), []).append(name)
    whole = [f"\n{'=' * 120}\n{', '.join(names)}\n\n{text.strip()}\n" for text, names in texts.items()]
    return "".join([*(f"{line}\n" for line in lines), *whole])


def _component(part: Part) -> dict[str, object]:
    by = "id" if part.spdx else "name"
    told: dict[str, object] = {
        "type": part.kind,
        "bom-ref": part.purl or f"chevet/{part.name}",
        "name": part.name,
        "version": part.version,
        "licenses": [{"license": {by: one}} for one in part.licences],
    }
    if part.purl:
        told["purl"] = part.purl
    if part.sha256:
        told["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
    return told


def _debian(root: Path) -> Iterator[Part]:
    """A package whose folder of documents is a link to another's has the copyright file of a package of its source."""
    packages = debian.unpacked(root)
    texts = {name: root / f"usr/share/doc/{name}/copyright" for name, *_ in packages}
    of_source = {source: texts[name] for name, _, _, source, _ in reversed(packages) if texts[name].is_file()}
    for name, numbered, architecture, source, digest in packages:
        text = texts[name] if texts[name].is_file() else of_source.get(source)
        whole = (text,) if text else ()
        asked = f"arch={architecture}&distro={debian.RELEASE}"
        purl = f"pkg:deb/debian/{quote(name)}@{quote(numbered, safe=':')}?{asked}"
        yield Part("library", name, numbered, _short_names(text), whole, purl=purl, sha256=digest)


def _short_names(text: Path | None) -> tuple[str, ...]:
    if text is None:
        return ("no copyright file came with it",)
    return tuple(sorted(set(re.findall(r"^License: *(\S.*)$", _read(text), re.MULTILINE)))) or ("in words, below",)


def _python(path: Path) -> Part:
    told = Parser().parsestr(_read(path))
    licence = told["License-Expression"] or (told["License"] or "").split("\n")[0]
    classified = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if line.startswith("License")]
    files = [*path.parent.glob("licenses/**/*"), *path.parent.glob("LICEN*"), *path.parent.glob("COPYING*")]
    texts = tuple(sorted(one for one in files if one.is_file()))
    named = (licence or ", ".join(classified) or "not told in its metadata",)
    purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', told['Name']).lower()}@{quote(told['Version'])}"
    return Part("library", told["Name"], told["Version"], named, texts, purl=purl)


def _ours(root: Path) -> Iterator[Part]:
    """Our rooms, and our module of the kernel, which bears the kernel's own licence."""
    for room in ROOMS:
        yield Part("application", room, VERSION, (OURS,), (TOP / "LICENSE",), spdx=True)
    module = next((root / "usr/lib/modules").iterdir()) / f"updates/{vcio.NAME}.ko"
    gpl = root / COMMON / "GPL-2"
    yield Part("device-driver", vcio.NAME, VERSION, ("GPL-2.0-only",), (gpl,), spdx=True, sha256=_hash(module))


def _fonts(folder: Path) -> Iterator[Part]:
    """Raises KeyError: a font whose licence nobody has told."""
    for font in sorted(folder.glob("*.ttf")):
        licence, text = FONT_LICENCES[font.stem.split("-")[0]]
        yield Part("file", font.name, VERSION, (licence,), (folder / text,), spdx=True, sha256=_hash(font))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> str:
    return path.read_text(errors="replace")
