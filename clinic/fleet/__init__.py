"""The boxes: who they are, whom they are for, and how they were last heard."""
