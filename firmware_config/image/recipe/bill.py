"""What is in the image, and under which licences: an SBOM (CycloneDX 1.6, JSON) and a list of licences (text).

Debian's packages keep their copyright files, which are the licences as their authors wrote them; those are gathered
whole. Of Python packages the metadata's own words are told.
"""

import json
import re
from email.parser import Parser
from pathlib import Path

from firmware_config.image.recipe import debian
from firmware_config.image.recipe.place import VAR
from firmware_config.image.recipe.root import ROOT, SITE


def write() -> tuple[Path, Path]:
    """Write var/image/chevet.cdx.json and var/image/licences.txt of the root that is there."""
    packages = debian.unpacked(ROOT)
    python = [_metadata(path) for path in sorted((ROOT / SITE).glob("*.dist-info/METADATA"))]
    bill = VAR / "chevet.cdx.json"
    bill.write_text(json.dumps(sbom(packages, python), indent=1) + "\n")
    told = VAR / "licences.txt"
    told.write_text(
        "".join(f"{name} {version}: {licence}\n" for name, version, licence in [*_debian(packages), *python])
    )
    return bill, told


def sbom(packages: list[list[str]], python: list[tuple[str, str, str]]) -> dict[str, object]:
    """CycloneDX 1.6: each component with its package URL (purl), Debian's with the hash of its file."""
    components: list[dict[str, object]] = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:deb/debian/{name}@{version}?arch={architecture}&distro={debian.RELEASE}",
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        for name, version, architecture, _source, digest in packages
    ]
    components += [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "licenses": [{"license": {"name": licence}}],
        }
        for name, version, licence in python
    ]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}


def _debian(packages: list[list[str]]) -> list[tuple[str, str, str]]:
    """The short names of the licences in the machine-readable copyright files; where to look in the others."""
    found = []
    for name, version, *_ in packages:
        path = ROOT / f"usr/share/doc/{name}/copyright"
        text = path.resolve().read_text(errors="replace") if path.exists() else ""
        names = sorted(set(re.findall(r"^License: *(\S.*)$", text, re.MULTILINE)))
        found.append((name, version, ", ".join(names) or f"in words: /usr/share/doc/{name}/copyright"))
    return found


def _metadata(path: Path) -> tuple[str, str, str]:
    told = Parser().parsestr(path.read_text(errors="replace"))
    licence = told["License-Expression"] or (told["License"] or "").split("\n")[0]
    classified = [line.split(" :: ")[-1] for line in told.get_all("Classifier", []) if line.startswith("License")]
    return told["Name"], told["Version"], licence or ", ".join(classified) or "not told in its metadata"
