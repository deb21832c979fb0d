"""The output side: answers, lists and files, in the terminal, as JSON and in Slack."""
