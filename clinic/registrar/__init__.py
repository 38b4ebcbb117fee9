"""Enrols boxes, renews their certificates, and closes the broker's door to those that are revoked.

The one process that holds the key of the clinic's private authority.
"""
