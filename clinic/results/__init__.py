"""What came back: the ledger of reports, the sessions, and what could not be read."""
