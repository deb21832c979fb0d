"""The Slack bot, run by `app.py`; `features/` has what people do in it."""
