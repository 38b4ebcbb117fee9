"""What a box and its programs call themselves."""

VERSION = "0.1.0"
