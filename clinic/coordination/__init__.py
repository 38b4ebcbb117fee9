"""Tasks with an owner and an end, the handover of a shift, and what was set aside after it was looked at."""
