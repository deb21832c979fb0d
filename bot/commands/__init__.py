"""The commands of `itubot`, each with what it shows."""
