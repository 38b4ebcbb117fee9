"""Another image than the tree's is not tested unless somebody says so."""

import hashlib
import re
import subprocess
from pathlib import Path

from firmware_config.image.recipe import inputs
from firmware_config.image.recipe.root import version
from tests.appliance import tested


def test_an_image_of_other_inputs_or_of_none_is_another(tmp_path: Path) -> None:
    stamp = tmp_path / "image.inputs"
    assert "not built to its end" in tested.other(stamp)
    stamp.write_text("0" * 64)
    assert "has changed since" in tested.other(stamp)
    stamp.write_text(inputs.digest())
    assert tested.other(stamp) == ""
    assert "has changed since" in tested.other(stamp, "1" * 64)


def test_the_table_says_of_which_image_it_is(tmp_path: Path) -> None:
    card = tmp_path / "chevet.img"
    card.write_bytes(b"a card")
    told = f"image {version()}, sha256 {hashlib.sha256(b'a card').hexdigest()}"
    assert str(tested.image(card)) == told
    assert str(tested.image(card, any_=True)) == f"{told}, whatever it is of"


def test_and_of_which_commit_its_own_code_is(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        named = ("-c", "user.name=nobody", "-c", "user.email=nobody@chevet.invalid")
        subprocess.run(["git", "-C", str(tmp_path), *named, *words], check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "a.py").write_text("")
    git("add", "a.py")
    git("commit", "-q", "-m", "a")
    name = tested.commit(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{9,}", name)
    (tmp_path / "new.py").write_text("")
    assert tested.commit(tmp_path) == name, "what git does not know goes into no image"
    (tmp_path / "a.py").write_text("1")
    assert tested.commit(tmp_path) == f"{name}+"
