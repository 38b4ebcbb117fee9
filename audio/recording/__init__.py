"""From a recording to a session package: what a conservatory uses."""
