"""Answers questions: assistant, answers, register, language models, command line and Slack."""
