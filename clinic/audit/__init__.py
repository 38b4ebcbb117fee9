"""The append-only trail of every read and write of a record."""
