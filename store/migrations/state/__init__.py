"""Scripts of the state database."""
