"""The separate process that reads files, with its limits."""
