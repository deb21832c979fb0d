"""What the bot does in Slack, a module or a package a feature. None imports another one; `routes.py` lists them."""
