"""What changed between two versions of a document, or two editions of a report."""
