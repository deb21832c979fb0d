"""The Slack bot: Slack calls listeners, listeners call handlers, handlers answer with blocks."""
