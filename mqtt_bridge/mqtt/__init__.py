"""The broker's door: one port, paho behind it, and a fake that behaves."""
