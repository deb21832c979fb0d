"""Briefs: one page on a topic from everything that the documents have, each sentence cited, and what they do not say.

`making.py` has the steps; `material.py` finds what there is, `written.py` lets a model write and checks what it writes,
`quoted.py` quotes where there is no model.
"""

from bot.briefing.brief import Brief, BriefLine, BriefPart
from bot.briefing.making import make_brief

__all__ = ["Brief", "BriefLine", "BriefPart", "make_brief"]
