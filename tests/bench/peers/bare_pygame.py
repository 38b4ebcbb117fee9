"""The least that pygame can do: a screen that waits for a finger and then changes a rectangle. Run by the bench."""

# ruff: noqa: TID251  # a peer stands beside the house, not in it
import os

os.environ.update(SDL_VIDEODRIVER="x11", SDL_FRAMEBUFFER_ACCELERATION="0", PYGAME_HIDE_SUPPORT_PROMPT="1")

import pygame
import pygame.display

COLOURS = ((200, 60, 60), (60, 60, 200))


def main() -> None:
    pygame.display.init()
    screen = pygame.display.set_mode((1280, 800))
    screen.fill((240, 240, 230))
    pygame.display.update()
    rect, turns = pygame.Rect(440, 150, 400, 500), 0
    while (event := pygame.event.wait()).type != pygame.QUIT:
        if event.type == pygame.MOUSEBUTTONUP:
            turns += 1
            screen.fill(COLOURS[turns % 2], rect)
            pygame.display.update(rect)


main()
