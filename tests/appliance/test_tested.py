"""Another image than the tree's is not tested unless somebody says so."""

import hashlib
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
    assert tested.told(card) == f"image {version()}, sha256 {hashlib.sha256(b'a card').hexdigest()}"
