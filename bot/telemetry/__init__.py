"""What the running bot tells those who run it: logs, request ids, metrics and traces. None has a question's text."""
