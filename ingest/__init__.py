"""What comes in: files become documents, numbered sections and dated events."""
