"""What a dated event is called."""
