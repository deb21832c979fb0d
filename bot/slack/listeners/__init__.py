"""Which listener hears what."""
