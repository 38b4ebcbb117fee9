"""A technician's file of the wireless network: what becomes of it, and how a bad one is refused."""

from pathlib import Path

import pytest

from mqtt_bridge.cli import main
from mqtt_bridge.wireless import FILE_BYTES_MAX, Wireless, WirelessError, read, wpa_supplicant

SECRET = 'le "grand" secret #1'
GOOD = f"""ssid = "Hôpital"\npassword = '{SECRET}'\ncountry = "FR"\n"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chevet-wifi.toml"


def test_a_good_file_becomes_wpa_supplicants(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    text = wpa_supplicant(read(file))
    assert f"ssid={'Hôpital'.encode().hex()}\n" in text
    assert f'psk="{SECRET}"\n' in text
    assert "country=FR\n" in text
    assert "ctrl_interface" not in text, "nobody gives it commands"


def test_an_open_and_hidden_one(file: Path) -> None:
    file.write_text('ssid = "Invites"\ncountry = "FR"\nhidden = true\n')
    text = wpa_supplicant(read(file))
    assert "key_mgmt=NONE" in text
    assert "psk" not in text
    assert "scan_ssid=1" in text


def test_what_an_editor_of_windows_writes(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read(file) == Wireless(ssid="Hôpital", country="FR", password=SECRET)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ssid"),
        ('ssid = "a"\n', "country"),
        ('ssid = "a"\ncountry = "fr"\n', "country"),
        ('ssid = "a"\ncountry = "FR"\npassword = "court"\n', "8 to 63"),
        ('ssid = "a"\ncountry = "FR"\npassword = "accentué long"\n', "8 to 63"),
        ('ssid = "a"\ncountry = "FR"\npassword = "deux\\nlignes"\n', "8 to 63"),
        ('ssid = "a"\ncountry = "FR"\npasword = "faute de frappe"\n', "pasword"),
        ('ssid = ""\ncountry = "FR"\n', "ssid"),
        (f'ssid = "{"é" * 17}"\ncountry = "FR"\n', "32 bytes"),
        ("ssid = sans guillemets\n", "double quotes"),
    ],
)
def test_a_bad_file_is_refused_with_its_remedy(file: Path, text: str, words: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WirelessError, match=words):
        read(file)


def test_no_refusal_repeats_the_password(file: Path) -> None:
    file.write_text('ssid = "a"\ncountry = "FR"\npassword = "accentué-secret"\n', encoding="utf-8")
    with pytest.raises(WirelessError) as told:
        read(file)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (FILE_BYTES_MAX + 1)])
def test_what_is_no_text_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(WirelessError):
        read(file)


def test_the_command_writes_for_root_and_its_owner_alone(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    into = tmp_path / "wpa_supplicant.conf"
    assert main(["wireless", "--from", str(file), "--into", str(into)]) == 1
    assert "chevet-wifi.toml" in capsys.readouterr().err
    assert not into.exists()
    file.write_text(GOOD, encoding="utf-8")
    assert main(["wireless", "--from", str(file), "--into", str(into)]) == 0
    assert into.stat().st_mode & 0o777 == 0o600
    assert SECRET not in capsys.readouterr().out
