"""Two bots of one data folder, of which one is killed again and again while people ask and give files.

    python -m tests.bot.slack.chaos

`script` says what happens when, `storm` does it, `checks` says what came out wrong.
"""
