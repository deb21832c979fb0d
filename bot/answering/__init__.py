"""From a question to its answer: five look-ups over the store, two answerers, and the check of what a model writes.

`path.py` has the steps; `tools.py` the look-ups; `model.py` and `plain.py` the answerers; `verifying.py` the check.
"""
