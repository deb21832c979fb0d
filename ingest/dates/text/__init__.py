"""The tokens, words and numbers that the grammar of dates reads."""
