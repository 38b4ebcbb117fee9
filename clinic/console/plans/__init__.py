"""The pages about plans: writing one, signing it, its life, and the library that it is made from."""
