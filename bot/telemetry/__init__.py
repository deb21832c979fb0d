"""What the running bot tells those who run it: logs and request ids. It has no texts of questions or answers."""
