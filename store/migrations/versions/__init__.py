"""The scripts, in their order."""
