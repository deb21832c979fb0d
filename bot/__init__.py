"""What goes out: answers, in the terminal, as JSON and in Slack."""
