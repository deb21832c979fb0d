"""What is done when people ask, type or press something in Slack.

Twelve modules have a handler each: asking, commands, entries, experts, feedback, home, questions, reminders, shares,
sources, subscriptions and uploads. The others are what handlers use:

- services: what all of them use, and how the work on a press is done;
- answering, deliveries, following, history, stops: the queue of questions, where a reply goes, which messages ask the
  bot, the conversation before a question, and its stop;
- replies, reports: what is replied to a question or after an error, and what commands show.
"""
