"""Handlers, one for each thing that people do in Slack: they acknowledge it, do the work, and reply."""
