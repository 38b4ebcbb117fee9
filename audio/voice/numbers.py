"""French numbers as people say them (France: soixante-dix, quatre-vingts), in their traditional spelling."""

from typing import Final

SMALL: Final = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    *("dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
TENS: Final = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt")
LARGEST: Final = 999_999_999


def cardinal(number: int, *, feminine: bool = False) -> str:
    """Return 0 to 999 999 999 in words: 21 is « vingt et un », before a feminine noun « vingt et une »."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number}: allowed are 0 to {LARGEST}")
    words = _under_a_billion(number)
    return f"{words}e" if feminine and words.split(" ")[-1].split("-")[-1] == "un" else words


def by_pairs(digits: str) -> str:
    """Return a number of the telephone two digits at a time: 3114 is « trente et un, quatorze »."""
    return ", ".join(_pair(digits[at : at + 2]) for at in range(0, len(digits), 2))


def ordinal(number: int, ending: str) -> str:
    """Return « premier », « première » or « vingt et unième »; `ending` is what was written after the digits."""
    if number == 1:
        return "premier" if ending == "er" else "première"
    words = cardinal(number)
    if words.endswith("cinq"):
        return f"{words}uième"
    return (f"{words[:-1]}v" if words.endswith("neuf") else words.removesuffix("e").removesuffix("s")) + "ième"


def _pair(digits: str) -> str:
    return " ".join([*(SMALL[0] for digit in digits[:-1] if digit == "0"), cardinal(int(digits))])


def _under_a_billion(number: int) -> str:
    millions, rest = divmod(number, 1_000_000)
    thousands, units = divmod(rest, 1000)
    parts = [f"{_under_1000(millions)} million{'s' if millions > 1 else ''}"] if millions else []
    if thousands:
        parts.append("mille" if thousands == 1 else f"{_no_plural(_under_1000(thousands))} mille")
    if units or not parts:
        parts.append(_under_1000(units))
    return " ".join(parts)


def _no_plural(words: str) -> str:
    """« deux cent mille », « quatre-vingt mille »: the s falls before mille."""
    return words.removesuffix("s") if words.endswith(("cents", "vingts")) else words


def _under_1000(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _under_100(rest)
    head = "cent" if hundreds == 1 else f"{SMALL[hundreds]} cent"
    if rest:
        return f"{head} {_under_100(rest)}"
    return head if hundreds == 1 else f"{head}s"


def _under_100(number: int) -> str:
    if number < 20:
        return SMALL[number]
    if number == 80:
        return "quatre-vingts"
    ten, unit = divmod(number, 10)
    if ten in (7, 9):
        ten, unit = ten - 1, unit + 10
    if not unit:
        return TENS[ten]
    joined = " et " if unit in (1, 11) and ten != 8 else "-"
    return f"{TENS[ten]}{joined}{SMALL[unit]}"
