"""The SBOM and the licences, of a root of three packages made for it."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from firmware_config.image.recipe import bill, debian
from firmware_config.image.recipe.place import IMAGE, TOP
from firmware_config.image.recipe.root import ROOMS, SITE

PACKAGES = (
    "libtiny 1:2.3+dfsg-4 arm64 tiny " + "a" * 64,
    "tiny-tools 1:2.3+dfsg-4 arm64 tiny " + "b" * 64,
    "wordy 7-1 all wordy " + "c" * 64,
)
COPYRIGHT = (
    "Files: *\nLicense: MIT\n\nFiles: debian/*\nLicense: GPL-2+\n\nLicense: MIT\n Whoever has this may use it.\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """tiny-tools has no copyright file: its folder was a link to libtiny's. wordy's is in no machine's form."""
    files = {
        debian.DEBS: "".join(f"{line}\n" for line in PACKAGES),
        "usr/share/doc/libtiny/copyright": COPYRIGHT,
        "usr/share/doc/wordy/copyright": "Do with it what you want.\n",
        "usr/share/common-licenses/GPL-2": "The second one.\n",
        f"{SITE}/Ab_c.d-1.0.dist-info/METADATA": "Name: Ab_c.d\nVersion: 1.0\nLicense-Expression: ISC\n",
        f"{SITE}/Ab_c.d-1.0.dist-info/licenses/LICENSE": "ISC in words.\n",
        "usr/lib/modules/6.12/updates/vcio.ko": "module",
        **{f"{SITE}/{bill.FONTS}/{path.name}": "" for path in (TOP / bill.FONTS).iterdir()},
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for path in (TOP / bill.FONTS).iterdir():
        (tmp_path / SITE / bill.FONTS / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_everything_in_the_image_is_a_component_of_its_own(root: Path) -> None:
    made = bill.sbom(bill.parts(root), "2026.11.30")
    components = made["components"]
    assert isinstance(components, list)
    by_name = {one["name"]: one for one in components}
    assert {"libtiny", "tiny-tools", "wordy", "Ab_c.d", *ROOMS, "vcio"} < set(by_name)
    assert {path.name for path in (TOP / bill.FONTS).glob("*.ttf")} < set(by_name)
    assert len({one["bom-ref"] for one in components}) == len(components)
    assert by_name["libtiny"]["purl"] == "pkg:deb/debian/libtiny@1:2.3%2Bdfsg-4?arch=arm64&distro=trixie"
    assert by_name["libtiny"]["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert by_name["Ab_c.d"]["purl"] == "pkg:pypi/ab-c-d@1.0"
    assert by_name["vcio"]["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"module").hexdigest()}]


def test_the_image_itself_is_what_the_bill_is_of(root: Path) -> None:
    metadata = bill.sbom(bill.parts(root), "2026.11.30")["metadata"]
    assert isinstance(metadata, dict)
    told = metadata["component"]
    assert (told["name"], told["version"], told["type"]) == ("chevet", "2026.11.30", "operating-system")
    assert told["licenses"] == [{"license": {"id": bill.OURS}}]
    assert metadata["timestamp"] == "2026-11-29T00:00:00+00:00", "the day of the pins: the same on any day"


def test_two_bills_of_one_root_are_the_same(root: Path) -> None:
    assert bill.sbom(bill.parts(root), "1.0.0") == bill.sbom(bill.parts(root), "1.0.0")
    assert bill.licences(bill.parts(root), root) == bill.licences(bill.parts(root), root)


def test_our_licences_are_those_that_we_say_elsewhere(root: Path) -> None:
    assert tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["license"] == bill.OURS
    assert "SPDX-License-Identifier: GPL-2.0-only" in (IMAGE / "vcio/vcio.c").read_text()
    (vcio,) = (one for one in bill.parts(root) if one.name == "vcio")
    assert vcio.licences == ("GPL-2.0-only",)


def test_every_licence_stands_whole_once(root: Path) -> None:
    told = bill.licences(bill.parts(root), root)
    lines = told.partition("=" * 120)[0].splitlines()
    assert lines[0] == "chevet: Apache-2.0"
    assert "libtiny 1:2.3+dfsg-4: GPL-2+, MIT" in lines
    assert "tiny-tools 1:2.3+dfsg-4: GPL-2+, MIT" in lines, "by the package of the same source"
    assert "wordy 7-1: in words, below" in lines
    assert "Ab_c.d 1.0: ISC" in lines
    texts = (COPYRIGHT, "Do with it what you want.", "ISC in words.", "The second one.")
    files = (TOP / "LICENSE", TOP / bill.FONTS / "OFL.txt", TOP / bill.FONTS / "DejaVu-LICENSE.txt")
    for text in (*texts, *(path.read_text() for path in files)):
        assert told.count(text.strip()) == 1
    assert "\nlibtiny, tiny-tools\n" in told
    assert "\nvcio, /usr/share/common-licenses/GPL-2\n" in told


def test_a_package_without_any_copyright_file_is_told(root: Path) -> None:
    (root / "usr/share/doc/wordy/copyright").unlink()
    assert "wordy 7-1: no copyright file came with it\n" in bill.licences(bill.parts(root), root)


def test_a_font_whose_licence_nobody_has_told_ends_the_build(root: Path) -> None:
    (root / SITE / bill.FONTS / "Other-Regular.ttf").write_bytes(b"")
    with pytest.raises(KeyError, match="Other"):
        bill.parts(root)
