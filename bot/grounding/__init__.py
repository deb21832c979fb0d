"""Grounding of statements in passages: hard checks of their facts, and the sentence that replaces a failed one.

Pure: nothing here asks a model or reads the store. Rules check numbers, days, symbols, links and names; the judge
(bot.llm.judge) checks the meaning.
"""

from bot.grounding.checks import Exchange, Violation, exchange, violations
from bot.grounding.facts import CitedPassage, PassageFacts, read_facts
from bot.grounding.grounder import Grounded, Grounder, Similarity, Statement
from bot.grounding.names import other_forms

__all__ = [
    "CitedPassage",
    "Exchange",
    "Grounded",
    "Grounder",
    "PassageFacts",
    "Similarity",
    "Statement",
    "Violation",
    "exchange",
    "other_forms",
    "read_facts",
    "violations",
]
