"""The box as a machine: its updates, its health after a start, its daily look at itself. Apart from the screen."""
