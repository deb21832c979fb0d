"""Scripts of the catalog."""
