"""A clinic's backup: one encrypted file, taken while it runs, and put back as a clinic that asks its boxes again."""
