"""The least that plays a file with pygame.mixer. Run by the bench."""

import sys
import time

import pygame

pygame.mixer.init(48_000, -16, 2)
pygame.mixer.music.load(sys.argv[1])
pygame.mixer.music.play()
while pygame.mixer.music.get_busy():
    time.sleep(0.05)
