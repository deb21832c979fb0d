"""Evaluation: how well the program answers marked questions, for `itubot eval`."""
