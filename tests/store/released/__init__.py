"""Stores as a released version of the program made them."""
