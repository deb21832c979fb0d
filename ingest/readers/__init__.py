"""One reader for each file format: bytes become paragraphs with their numbers."""
