"""Sending to Slack: clients with retries, replies posted exactly once, status messages, streams."""
