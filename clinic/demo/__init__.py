"""A clinic of invented people and their year, for showing the console and for measuring it. Never beside real ones."""
