"""The bedside: screen, button, and the patient's journey."""
