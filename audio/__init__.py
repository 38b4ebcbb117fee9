"""The ear: session packages, the player that holds the sound device, and the montages."""
