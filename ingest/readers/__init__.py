"""One reader a format: bytes become paragraphs with their numbers."""
