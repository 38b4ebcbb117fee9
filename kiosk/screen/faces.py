"""Faces from calm to unbearable, drawn for Chevet: no smile at the first of pain, no tears at the last.

Pain shows in the brow, the eyes and the mouth (Prkachin's core actions: brows lowered, eyes tightened, upper lip
raised); the first face is at rest, so that no happiness is asked for. One drawing, six numbers that move with `share`.
A scale whose most is the best goes the other way, from TROUBLED to EASED, which smiles: its question asks for it.
"""

from kiosk.screen import theme
from kiosk.screen.vector import disc, fill, number, ring, stroke

SKIN_CALM, SKIN_HARD = "#F6E3C5", "#EDB98F"
PEN = 4.6
TROUBLED, EASED = 0.45, -0.7
"""Both ends of a scale that is not of pain."""


def face(share: float, ink: str = theme.INK) -> str:
    """`share`: 0 at rest, 1 as strong as can be, below 0 at ease. In a box of 100 by 100."""
    calm = max(0.0, share)
    skin = theme.mix(SKIN_CALM, SKIN_HARD, calm)
    head = disc(50, 50, 46, skin) + ring(50, 50, 46, ink, 3.6)
    return head + _brows(calm, ink) + _eyes(calm, ink) + _mouth(share, ink) + _folds(share, ink)


def _brows(share: float, ink: str) -> str:
    """Level and high at rest; the inner ends sink and draw near."""
    outer_y, inner_y = 31 + 3 * share, 30 + 12 * share
    inner_x, outer_x = 40 + 4 * share, 22 + 1 * share
    bow_y, n = 26 + 7 * share, number
    left = f"M{n(outer_x)} {n(outer_y)} Q31 {n(bow_y)} {n(inner_x)} {n(inner_y)}"
    right = f"M{n(100 - outer_x)} {n(outer_y)} Q69 {n(bow_y)} {n(100 - inner_x)} {n(inner_y)}"
    return stroke(left, ink, PEN) + stroke(right, ink, PEN)


def _eyes(share: float, ink: str) -> str:
    """Open at rest; then narrower; at the end shut tight."""
    if share > 0.82:
        left, right = "M24 42 L40 48 L24 54", "M76 42 L60 48 L76 54"
        return stroke(left, ink, PEN) + stroke(right, ink, PEN)
    tall = 6.2 - 4.6 * share
    return "".join(f'<ellipse cx="{x}" cy="47" rx="5.4" ry="{number(tall)}" fill="{ink}"/>' for x in (33, 67))


def _mouth(share: float, ink: str) -> str:
    """A level line at rest; then its ends sink; then it opens, square."""
    if share < 0.62:
        bend = 11 * share
        return stroke(f"M35 {number(70 + bend * 0.5)} Q50 {number(70 - bend)} 65 {number(70 + bend * 0.5)}", ink, PEN)
    half, tall = 13 + 5 * share, 6 + 22 * (share - 0.62)
    top = 66.0
    path = (
        f"M{number(50 - half)} {number(top + tall)} Q{number(50 - half + 2)} {number(top)} 50 {number(top - 2)} "
        f"Q{number(50 + half - 2)} {number(top)} {number(50 + half)} {number(top + tall)} "
        f"Q50 {number(top + tall - 4)} {number(50 - half)} {number(top + tall)} Z"
    )
    return fill(path, theme.mix("#FFFFFF", "#F3ECDD", 0.5)) + stroke(path, ink, PEN * 0.9)


def _folds(share: float, ink: str) -> str:
    """Between the brows and beside the nose, once it is strong."""
    if share < 0.5:
        return ""
    depth = (share - 0.5) * 2
    long, bow, drop = number(3 + 5 * depth), number(3 + 3 * depth), number(8 + 2 * depth)
    between = f"M47 33 v{long} M53 33 v{long}"
    beside = f"M38 56 q-5 {bow} -8 {drop} M62 56 q5 {bow} 8 {drop}"
    return stroke(between, ink, 2.6, 0.75) + stroke(beside, ink, 2.6, 0.3 + 0.45 * depth)
