"""Two bots of one data folder, which are killed again and again while people ask, give files and fill the disk.

    python -m tests.tools.chaos

`script` says what happens when, `storm` does it, `checks` says what came out wrong.
"""
