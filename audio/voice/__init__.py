"""The spoken words: rendered when the house is built, never while a person waits.

The box needs only `recordings` (find the recording of a text); the engines are for the machine that builds.
"""
