"""What is said, as data that a therapist can review."""
