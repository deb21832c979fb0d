"""What Slack gets by the clock: digests, reminders and alerts."""
