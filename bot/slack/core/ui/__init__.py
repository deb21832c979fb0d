"""Slack messages as Block Kit. Pure: nothing here calls Slack."""
