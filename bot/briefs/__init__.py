"""Briefs: one page on a topic from everything that the documents have, each sentence cited, and what they do not say.

`making.py` finds what there is, and lets a model write it or quotes it; `brief.py` is what comes out; `wording.py` says
what stands around it.
"""
