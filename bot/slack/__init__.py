"""The Slack side."""
