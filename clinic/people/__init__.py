"""Who: practitioners, patients, and the care team that decides who reads what."""
