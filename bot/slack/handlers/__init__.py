"""What becomes of a question, a command, and a correction from Slack."""
