"""The whole wire under one seed: both ends' real code; network, broker, clock, disk and crashes simulated."""
