"""What is only said: around the words of a screen, and in the way by the button alone."""

import msgspec


class Aloud(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """listen, hush: the loudspeaker's two labels. how: the button's own words, said at home; how_short: again later.

    pictures: what the twelve of a picture code are called.
    """

    listen: str
    hush: str
    how: str
    how_short: str
    chosen: str
    a_little_more: str
    a_little_less: str
    erase: str
    stop_how: str
    pictures: dict[str, str]
