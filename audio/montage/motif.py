"""A motif, and what can become of it: sung higher, upside down, slower, in part, more simply."""

from itertools import pairwise

import msgspec

Cell = tuple[float, int | None]  # beats, and scale steps from the motif's first note; None is a rest


class Motif(msgspec.Struct, frozen=True):
    """Two bars of melody, as durations and a contour."""

    cells: tuple[Cell, ...]

    @property
    def beats(self) -> float:
        return sum(beats for beats, _ in self.cells)


def shifted(motif: Motif, steps: int) -> Motif:
    """Sing it higher or lower in the scale."""
    return Motif(tuple((beats, None if step is None else step + steps) for beats, step in motif.cells))


def inverted(motif: Motif) -> Motif:
    """What rose falls."""
    return Motif(tuple((beats, None if step is None else -step) for beats, step in motif.cells))


def augmented(motif: Motif, times: float = 2.0) -> Motif:
    """The same, slower."""
    return Motif(tuple((beats * times, step) for beats, step in motif.cells))


def head(motif: Motif, beats: float) -> Motif:
    """Its beginning, exactly `beats` long; what is cut off is lost, what is missing is rest."""
    cells: list[Cell] = []
    left = beats
    for length, step in motif.cells:
        if left <= 0:
            break
        cells.append((min(length, left), step))
        left -= length
    return Motif((*cells, (left, None)) if left > 0 else tuple(cells))


def simplified(motif: Motif, shortest: float = 1.0) -> Motif:
    """Without its short notes: each gives its time to the note before it."""
    cells: list[Cell] = []
    for beats, step in motif.cells:
        if cells and beats < shortest:
            cells[-1] = (cells[-1][0] + beats, cells[-1][1])
        else:
            cells.append((beats, step))
    return Motif(tuple(cells))


def ornamented(motif: Motif) -> Motif:
    """With a passing note where a long note leaps by a third."""
    cells: list[Cell] = []
    for (beats, step), (_, following) in pairwise((*motif.cells, (0.0, None))):
        thirds = step is not None and following is not None and abs(following - step) == 2
        if thirds and beats >= 1 and step is not None and following is not None:
            cells += [(beats - 0.5, step), (0.5, (step + following) // 2)]
        else:
            cells.append((beats, step))
    return Motif(tuple(cells))


def joined(*motifs: Motif) -> Motif:
    """One after the other."""
    return Motif(tuple(cell for motif in motifs for cell in motif.cells))
