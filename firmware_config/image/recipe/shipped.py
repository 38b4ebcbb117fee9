"""What is given to who writes a card: the image compressed, and its SHA-256."""

from pathlib import Path

from firmware_config.image.recipe.place import in_bench


def of(card: Path) -> Path:
    """Where the compressed image stands: beside the image."""
    return card.with_name(f"{card.name}.zst")


def write(card: Path) -> None:
    """The compressed image, and a file for `sha256sum --check` beside it. Raises ImageError.

    One thread: how zstd cuts its work among several is told nowhere in the bytes. It keeps no name and no time. What
    fills the image is compressed already, so a higher level gains two hundredths in three times the time.
    """
    into = of(card).name
    in_bench(
        f"zstd --single-thread -3 --quiet --force {card.name} -o {into}; sha256sum {into} >{into}.sha256",
        told="zstd",
    )
