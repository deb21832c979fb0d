"""Questions: claimed, answered in the order of their thread, streamed, and stopped."""
