"""Checks what people write against the documents: each sentence gets a verdict, with the paragraph behind it.

`engine.py` holds one claim against the documents; `drafts.py` checks all sentences of a draft; `wording.py` says it.
"""

from bot.checking.drafts import CheckedDraft, CheckedSentence, DraftCheck
from bot.checking.engine import Check, Claim, Engine, Verdict

__all__ = ["Check", "CheckedDraft", "CheckedSentence", "Claim", "DraftCheck", "Engine", "Verdict"]
