"""Four voices that move as little as they can, without parallel fifths or octaves."""

from itertools import permutations, product

Voicing = tuple[int, ...]
SPAN = 7  # semitones around the centre of the register where a voice may sing
PARALLEL_COST = 12
REGISTER_COST = 0.35


def lead(before: Voicing, pitch_classes: tuple[int, ...], centre: float) -> Voicing:
    """Return the voicing of `pitch_classes` nearest to `before`, drawn towards `centre` (MIDI notes, low to high)."""
    return min(_voicings(pitch_classes, centre), key=lambda after: _cost(before, after, centre))


def _voicings(pitch_classes: tuple[int, ...], centre: float) -> list[Voicing]:
    found = set()
    for order in permutations(pitch_classes):
        low = round(centre) - SPAN - 5
        voices: list[int] = []
        for pitch_class in order:
            floor = voices[-1] + 3 if voices else low
            voices.append(floor + (pitch_class - floor) % 12)
        if voices[-1] <= centre + 2 * SPAN:
            found.add(tuple(voices))
            found.add(tuple(note + 12 for note in voices))
    return sorted(found)


def _cost(before: Voicing, after: Voicing, centre: float) -> float:
    motion = sum(abs(a - b) for a, b in zip(before, after, strict=True))
    register = abs(sum(after) / len(after) - centre)
    return motion + REGISTER_COST * register**2 + PARALLEL_COST * _parallels(before, after)


def _parallels(before: Voicing, after: Voicing) -> int:
    pairs = ((low, high) for low, high in product(range(len(before)), repeat=2) if low < high)
    return sum(_parallel(before, after, low, high) for low, high in pairs)


def _parallel(before: Voicing, after: Voicing, low: int, high: int) -> bool:
    was, now = (before[high] - before[low]) % 12, (after[high] - after[low]) % 12
    return was == now and now in (0, 7) and before[low] != after[low]
