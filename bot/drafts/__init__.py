"""Drafts: each sentence that somebody else wrote gets a verdict, with the paragraph behind it.

`verdicts.py` holds one claim against the documents; `draft.py` checks all sentences of a draft; `wording.py` says it.
"""
