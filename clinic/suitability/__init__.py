"""Whether the place where a box is to stand suits it (B6): a checklist, in versions; a human says what comes of it."""
