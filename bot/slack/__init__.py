"""The Slack bot: Slack calls handlers, which answer with blocks."""
