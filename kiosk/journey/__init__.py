"""The patient's journey: a pure function of state and event. No clock, no screen, no sound, no file."""
