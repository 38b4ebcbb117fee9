"""A calibration is believed whole or not at all."""

from pathlib import Path

import pytest

from audio.hearing.calibration import LOUDEST_PLAUSIBLE, MARGIN_DB, UNCALIBRATED, read
from audio.hearing.errors import CalibrationError

GOOD = """\
model = "Sennheiser HD 206"
reference_dba = 78.5
reference_lufs = -23.0
card_level_percent = 80
measured_by = "Claire Moreau"
measured_on = "2026-11-20"
measured_with = "sonomètre de classe 2 et coupleur"
uncertainty_db = 4.0
"""
EXAMPLE = Path(__file__).parents[3] / "firmware_config/box/headphones-example.toml"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "headphones.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_level_of_a_session(tmp_path: Path) -> None:
    found = read(written(tmp_path, GOOD))
    # 5 LU louder than the signal of the measure, 12 dB down: 78.5 + 5 - 12 and the margin
    assert found.dba(-18.0, -12.0) == pytest.approx(71.5 + MARGIN_DB)
    assert (found.name, found.measured) == ("Sennheiser HD 206", True)


@pytest.mark.parametrize(
    ("former", "latter", "why"),
    [
        ("78.5", "140", "reference_dba"),
        ("78.5", '"78"', "reference_dba"),
        ("78.5", "nan", "reference_dba"),
        ("-23.0", "3.0", "reference_lufs"),
        ("80", "0", "card_level_percent"),
        ("2026-11-20", "hier", "measured_on"),
        ("4.0", "-1.0", "uncertainty_db"),
        ("uncertainty_db", "uncertainty", "uncertainty"),
        ("model", "modèle", "Expected"),
        ("Sennheiser HD 206", UNCALIBRATED, "name of a box"),
        ("Sennheiser HD 206", "", "model"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path: Path, former: str, latter: str, why: str) -> None:
    with pytest.raises(CalibrationError, match=why):
        read(written(tmp_path, GOOD.replace(former, latter)))


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"", b"model = " + b"[" * 3000, b"#" * 70_000])
def test_hostile_bytes_are_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(CalibrationError, match="cannot be used"):
        read(written(tmp_path, raw))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(CalibrationError, match="etalonnage"):
            read(path)


def test_the_shipped_example_is_read_and_never_taken_for_a_measure() -> None:
    found = read(EXAMPLE)
    assert not found.measured
    assert found.name == UNCALIBRATED


def test_without_a_calibration_the_loudest_plausible_headphone_is_reckoned_with() -> None:
    assert LOUDEST_PLAUSIBLE.dba(-23.0) == 97.0 + MARGIN_DB
    assert not LOUDEST_PLAUSIBLE.measured
    assert read(EXAMPLE).dba(-23.0) <= LOUDEST_PLAUSIBLE.dba(-23.0)
