"""The wire: the shared words of care, sealing and signing, and the two ends of the exchange with the clinic."""
