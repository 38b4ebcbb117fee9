"""The key of the data partition: the box's real script and real cryptsetup, on a partition in a file.

What is not there is the machine: its device tree, its TPM (which draws a key and gives it back to the same machine
alone), its firmware's answer. A device is mapped by nobody: a partition that opens is one whose words are right.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from firmware_config.image.recipe.place import IMAGE

SCRIPT = IMAGE / "tree/usr/lib/chevet/data-key"
PATHS = "/usr/bin:/usr/sbin:/bin:/sbin"
CRYPTSETUP = """\
for word in "$@"; do
    case $word in --token-only) by_token=yes ;; esac
    before=$last last=$word
done
if [ "$1" = open ] && [ -n "$by_token" ]; then
    [ -e {tpm} ] || exit 2
    exec {real} open --test-passphrase --key-file {tpm} "$before"
elif [ "$1" = open ]; then
    shift
    exec {real} open --test-passphrase "$@"
fi
exec {real} "$@"
"""
"""`open --token-only` asks the chip, as cryptsetup's own plugin does."""
ENROLL = """\
for word in "$@"; do
    case $word in
    --unlock-key-file=*) from=${{word#*=}} ;;
    --tpm2-pcrs=?*) echo "bound to what an update changes" >&2; exit 1 ;;
    --tpm2-device={device}) there=yes ;;
    esac
    partition=$word
done
[ "$there" = yes ] && [ -e {device} ] || exit 1
[ -e {tpm} ] || head -c 32 /dev/urandom >{tpm}
{real} luksAddKey --batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file "$from" "$partition" {tpm}
{real} luksKillSlot --batch-mode --key-file {tpm} "$partition" 0
"""


class Machine:
    """One box. Its card can be put into another."""

    def __init__(self, folder: Path, compatible: str, *, otp: str = "ab" * 32, otp_code: int = 0) -> None:
        self.folder = folder
        (folder / "tree").mkdir(parents=True)
        (folder / "run").mkdir()
        (folder / "tree/compatible").write_bytes(compatible.encode() + b"\0")
        real = shutil.which("cryptsetup", path=PATHS)
        assert real, "no cryptsetup: apt-get install cryptsetup-bin"
        self.device, self.tpm = folder / "tpmrm0", folder / "chip"
        self._command("cryptsetup", CRYPTSETUP.format(real=real, tpm=self.tpm))
        self._command("systemd-cryptenroll", ENROLL.format(real=real, tpm=self.tpm, device=self.device))
        # As chevet-kiosk: another key for each partition.
        otp_key = f'[ {otp_code} = 0 ] || exit {otp_code}\nprintf %s "{otp}$3" | sha256sum | cut -c1-64 | tr -d "\\n"'
        self._command("otp-key", otp_key)

    def _command(self, name: str, lines: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)

    def fit_tpm(self, *, driver: bool = True, status: str = "") -> None:
        """What a chip on the board's pins adds to the device tree; driver: the kernel has it."""
        node = self.folder / "tree/soc/spi@7e204000/tpm@1"
        node.mkdir(parents=True)
        (node / "compatible").write_bytes(b"infineon,slb9670\0tcg,tpm_tis-spi\0")
        if status:
            (node / "status").write_bytes(status.encode() + b"\0")
        if driver:
            self.device.touch()

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        text = SCRIPT.read_text()
        for there, here in (
            ("/sys/firmware/devicetree/base", self.folder / "tree"),
            ("/dev/tpmrm0", self.device),
            ("/run/chevet-data", self.folder / "run"),
            ("/opt/chevet/bin/chevet-kiosk otp-key", self.folder / "bin/otp-key x"),
        ):
            assert there in text
            text = text.replace(there, str(here))
        text = text.replace("tpm_wait_s=120", "tpm_wait_s=0")
        return subprocess.run(
            ["sh", "-c", text, "data-key", *map(str, words)],
            env={**os.environ, "PATH": f"{self.folder / 'bin'}:{PATHS}", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )

    def made(self, card: Path) -> None:
        """As at the first start: made, opened, its label set."""
        for words in (("ready",), ("make", card, "being-made"), ("open", card, "x"), ("label", card, "chevet-data")):
            done = self.run(*words)
            assert done.returncode == 0, done.stderr

    def opens(self, card: Path) -> bool:
        return self.run("open", card, "x").returncode == 0

    @property
    def told(self) -> str:
        return (self.folder / "run/key").read_text()


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    with path.open("wb") as file:
        file.truncate(18 * 2**20)
    return path


def dump(card: Path) -> str:
    words = ["cryptsetup", "luksDump", str(card)]
    env = {**os.environ, "PATH": PATHS}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout


PI, EMULATOR, OTHER = "raspberrypi,4-model-b\0brcm,bcm2711", "linux,dummy-virt", "pine64,rockpro64"


def test_the_emulators_key_says_that_it_is_a_stand_in(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", EMULATOR)
    machine.made(card)
    done = machine.run("open", card, "x")
    assert "STAND-IN known to everybody" in done.stderr
    assert machine.told == "stand-in opened\n"


def test_a_pi_opens_what_it_made_and_another_pi_does_not(tmp_path: Path, card: Path) -> None:
    mine, other = Machine(tmp_path / "a", PI), Machine(tmp_path / "b", PI, otp="cd" * 32)
    mine.made(card)
    before = card.read_bytes()
    assert not other.opens(card)
    assert other.told == "pi-otp other\n"
    assert mine.opens(card)
    assert mine.told == "pi-otp opened\n"
    assert card.read_bytes() == before, "nothing is written by who may not open it"


def test_another_partition_of_the_same_pi_has_another_key(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", PI)
    machine.made(card)
    words = ["cryptsetup", "luksUUID", str(card)]
    once = subprocess.run(words, env={**os.environ, "PATH": PATHS}, capture_output=True, text=True, check=True).stdout
    machine.made(card)
    assert once not in dump(card)
    assert machine.opens(card)


@pytest.mark.parametrize(("code", "state"), [(78, "not-written"), (69, "unreachable")])
def test_a_pi_whose_key_cannot_be_had_makes_nothing(tmp_path: Path, card: Path, code: int, state: str) -> None:
    machine = Machine(tmp_path / "a", PI, otp_code=code)
    for words in (("ready",), ("make", card, "being-made")):
        assert machine.run(*words).returncode != 0
        assert machine.told == f"pi-otp {state}\n"
    assert not card.read_bytes().strip(b"\0")


def test_a_tpm_opens_what_it_made_after_any_update(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", PI)
    machine.fit_tpm()
    machine.made(card)
    assert "chevet-key-tpm2" in dump(card)
    assert "Label:         \tchevet-data" in dump(card)
    assert machine.opens(card)
    assert machine.told == "tpm2 opened\n"


def test_of_the_words_by_which_a_tpms_partition_was_made_nothing_stays(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", EMULATOR)
    machine.fit_tpm()
    machine.made(card)
    assert not (machine.folder / "run/passing").exists()
    assert "  0: luks2" not in dump(card)
    assert "  1: luks2" in dump(card)


def test_a_card_in_another_box_stays_as_it_is_and_opens_again_in_its_own(tmp_path: Path, card: Path) -> None:
    mine, other, without = (Machine(tmp_path / name, PI) for name in "abc")
    mine.fit_tpm()
    mine.made(card)
    before = card.read_bytes()
    other.fit_tpm()
    assert not other.opens(card)
    assert other.told == "tpm2 other\n"
    assert not without.opens(card), "its own key is not tried: the partition is not made by it"
    assert without.told == "tpm2 other\n"
    assert card.read_bytes() == before
    assert mine.opens(card)


def test_a_tpm_that_was_cleared_is_told(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", PI)
    machine.fit_tpm()
    machine.made(card)
    machine.tpm.unlink()
    assert not machine.opens(card)
    assert machine.told == "tpm2 other\n"


def test_a_tpm_whose_driver_does_not_come_is_not_passed_over(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", PI)
    machine.fit_tpm(driver=False)
    assert machine.run("ready").returncode != 0
    assert machine.told == "tpm2 unreachable\n"
    assert machine.run("make", card, "being-made").returncode != 0
    assert not card.read_bytes().strip(b"\0")


def test_a_tpm_that_the_device_tree_switches_off_is_none(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", EMULATOR)
    machine.fit_tpm(driver=False, status="disabled")
    machine.made(card)
    assert machine.told == "stand-in opened\n"


def test_a_tpm_that_is_fitted_later_does_not_take_the_partition_over(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", PI)
    machine.made(card)
    machine.fit_tpm()
    assert machine.opens(card)
    assert machine.told == "pi-otp opened\n"


def test_a_machine_without_a_chip_makes_nothing(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", OTHER)
    assert machine.run("ready").returncode != 0
    assert machine.told == "none nothing\n"
    assert machine.run("make", card, "being-made").returncode != 0
    assert not card.read_bytes().strip(b"\0")


def test_a_partition_of_an_older_image_opens_by_the_stand_in_and_is_told_so(tmp_path: Path, card: Path) -> None:
    words = ["cryptsetup", "luksFormat", "--batch-mode", "--type=luks2", "--pbkdf=pbkdf2", "--key-file=-", str(card)]
    subprocess.run(
        [*words, "--pbkdf-force-iterations=1000"],
        env={**os.environ, "PATH": PATHS},
        input=b"chevet stand-in key, protects nothing",
        check=True,
    )
    machine = Machine(tmp_path / "a", PI)
    assert machine.opens(card)
    assert machine.told == "stand-in opened\n"


def test_a_partition_of_a_newer_kind_is_left_as_it_is(tmp_path: Path, card: Path) -> None:
    machine = Machine(tmp_path / "a", EMULATOR)
    machine.made(card)
    words = ["cryptsetup", "config", "--label=chevet-data", "--subsystem=chevet-key-of-2031", str(card)]
    subprocess.run(words, env={**os.environ, "PATH": PATHS}, check=True)
    assert not machine.opens(card)
    assert machine.told == "none other\n"
