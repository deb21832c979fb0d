"""What all Office files have in common: a zip of XML parts, opened with limits."""
