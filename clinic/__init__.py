"""The clinic's side: its record, its fleet of boxes, what arrives from them, and the staff's console."""
