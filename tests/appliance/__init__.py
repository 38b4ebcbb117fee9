"""The image of the box: its recipe, looked at without building; and it, booted in an emulator, used by a resident."""
