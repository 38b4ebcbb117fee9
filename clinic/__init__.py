"""The clinic: ingest (wire to database) and the staff's console."""
