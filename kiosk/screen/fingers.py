"""From SDL's events to ours. Fingers and the mouse alike; the mouse that SDL makes up from a finger never counts."""

import pygame

from kiosk.screen.port import (
    MOUSE,
    CloseAsked,
    Exposed,
    Input,
    Pointer,
    PointerDown,
    PointerMoved,
    PointerUp,
    SpacePressed,
    SpaceReleased,
)

LEFT_BUTTON = 1
HEARD = (
    pygame.QUIT,
    pygame.KEYDOWN,
    pygame.KEYUP,
    pygame.MOUSEBUTTONDOWN,
    pygame.MOUSEBUTTONUP,
    pygame.MOUSEMOTION,
    pygame.FINGERDOWN,
    pygame.FINGERUP,
    pygame.FINGERMOTION,
    pygame.VIDEOEXPOSE,
    pygame.WINDOWEXPOSED,
    pygame.WINDOWSHOWN,
    pygame.WINDOWRESTORED,
)
"""The only events that SDL keeps for us."""
PLAIN: dict[int, Input] = {
    pygame.QUIT: CloseAsked(),
    pygame.VIDEOEXPOSE: Exposed(),
    pygame.WINDOWEXPOSED: Exposed(),
    pygame.WINDOWSHOWN: Exposed(),
    pygame.WINDOWRESTORED: Exposed(),
}
KEYS: dict[int, Input] = {pygame.KEYDOWN: SpacePressed(), pygame.KEYUP: SpaceReleased()}
FINGERS: dict[int, type[Pointer]] = {
    pygame.FINGERDOWN: PointerDown,
    pygame.FINGERUP: PointerUp,
    pygame.FINGERMOTION: PointerMoved,
}
BUTTONS: dict[int, type[Pointer]] = {pygame.MOUSEBUTTONDOWN: PointerDown, pygame.MOUSEBUTTONUP: PointerUp}


def heard(event: pygame.event.Event, size: tuple[int, int]) -> Input | None:
    """Our word for one of SDL's events; None when it means nothing to us."""
    kind = event.type
    if kind in PLAIN:
        return PLAIN[kind]
    if kind in KEYS:
        return KEYS[kind] if event.key == pygame.K_SPACE else None
    if kind in FINGERS:
        x, y = _within(event.x * size[0], size[0]), _within(event.y * size[1], size[1])
        return FINGERS[kind](event.finger_id, x, y)
    return _mouse(event)


def _within(place: float, length: int) -> int:
    return min(length - 1, max(0, int(place)))


def _mouse(event: pygame.event.Event) -> Input | None:
    if getattr(event, "touch", False):
        return None
    if event.type in BUTTONS and event.button == LEFT_BUTTON:
        return BUTTONS[event.type](MOUSE, *event.pos)
    if event.type == pygame.MOUSEMOTION and event.buttons[0]:
        return PointerMoved(MOUSE, *event.pos)
    return None
