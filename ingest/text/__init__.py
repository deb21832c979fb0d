"""What a text says by itself: its language, its sentences, its dates and the words that say what happens on them.

Imports only the records of the store, so any package may use it.
"""
