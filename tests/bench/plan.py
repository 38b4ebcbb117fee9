"""How much is measured: the whole, or a quick look that is not written into docs/."""

import msgspec

SIZE = (1280, 800)
IDLE_SHARE_MAX, PLAYING_SHARE_MAX = 0.003, 0.05
TAP_MS_MAX, TAP_MS_WORST_MAX = 5.0, 17.0
KIOSK_MIB_MAX, PLAYER_MIB_MAX = 100.0, 40.0
START_S_MAX = 0.6
PLAYING_TO_APLAY_MAX = 2.0
FLAT_MIB_MAX = 1.0
DECODE_S_MAX = 1200 / 500
"""Twenty minutes at five hundred times their speed."""
RENDER_SPEED_MIN = 20
RECORD_P99_MS_MAX = 200.0


class Amount(msgspec.Struct, frozen=True):
    """Counts and seconds of each measurement."""

    presses: int
    idle_s: float
    playing_s: float
    dim: bool
    taps: int
    pages: int
    starts: int
    whole_s: float
    wholes: int
    reports: int
    long_s: int
    render: str
    """The montage that is rendered; empty: none."""
    quiet_s: float
    """How long each part may wait for a quiet machine."""


WHOLE = Amount(
    presses=15,
    idle_s=30,
    playing_s=30,
    dim=True,
    taps=60,
    pages=20,
    starts=5,
    whole_s=60,
    wholes=3,
    reports=240,
    long_s=1200,
    render="riviere",
    quiet_s=20,
)
QUICK = Amount(
    presses=2,
    idle_s=4,
    playing_s=4,
    dim=False,
    taps=20,
    pages=6,
    starts=2,
    whole_s=5,
    wholes=2,
    reports=30,
    long_s=120,
    render="",
    quiet_s=5,
)
