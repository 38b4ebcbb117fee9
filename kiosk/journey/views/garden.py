"""Progress as a picture that grows (A13): each care heard is a plant, nothing withers. Targets: `back`, `more`."""

from dataclasses import dataclass

from mqtt_bridge.contract.care import CareKind


@dataclass(frozen=True)
class Plant:
    """One care that was heard. `share`: of it, 0 to 1, is its height; eased: 0 (no better) to 10 is how it flowers."""

    kind: CareKind
    share: float
    eased: int | None


@dataclass(frozen=True)
class Pair:
    """One indicator before and after, by the person's own answers: numbers and the cone's words."""

    label: str
    before: int
    after: int
    before_word: str
    after_word: str
    ramp: str


@dataclass(frozen=True)
class GardenView:
    """`sentence`: what is true, simply (« Vous avez pris 12 soins. »); pairs: of the last care that has both."""

    title: str
    sentence: str
    plants: tuple[Plant, ...]
    pairs: tuple[Pair, ...]
    pairs_title: str
    back: str
    more: str = ""
