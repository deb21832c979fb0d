"""The commands of `itubot`, one module each."""
