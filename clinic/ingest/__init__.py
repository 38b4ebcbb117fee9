"""From the wire to the database."""
