"""Sending to Slack: clients with their retries, replies posted once, status messages, streams."""
