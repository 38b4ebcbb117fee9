"""The wire measured: ingest beside the sum of its parts and its peers, a slow disk, a week's backlog of many boxes."""
