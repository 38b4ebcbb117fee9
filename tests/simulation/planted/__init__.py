"""Bugs put in on purpose, one at a time, in the place of the real code: each must be found. `table` names them."""
