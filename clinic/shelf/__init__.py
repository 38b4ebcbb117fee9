"""The session packages of the clinic: taken in, signed, offered to boxes, and what became of them there."""
