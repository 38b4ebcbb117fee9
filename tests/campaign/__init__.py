"""The wire on real parts under accidents: counted in, counted out. docs/campaign.md; `make campaign`."""
