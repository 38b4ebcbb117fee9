"""What a box and its programs call themselves."""

VERSION = "0.1.0"
BUILT_MS = 1_793_491_200_000
"""1 November 2026, in milliseconds since 1970 UTC: before this version was made. No clock that says less is right."""
