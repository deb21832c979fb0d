"""What changed between two versions of a document, or two editions of a report.

`versions.py` reads and `comparison.py` compares them; `answers.py` turns the changes into an answer, `wording.py` into
words.
"""
