"""Sending to Slack: clients with retries, replies posted exactly once, and those that one person alone sees."""
