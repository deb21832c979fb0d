"""Whether a passage says what a statement says: hard checks of facts, and what replaces a statement that fails them.

Pure: nothing here asks a model or reads the store. Rules check numbers, days, symbols, links and names; meaning is
for the judge (bot.llm.judge).
"""

from bot.grounding.checks import CHECKS, violations
from bot.grounding.facts import Facts, facts
from bot.grounding.grounder import Grounder
from bot.grounding.interface import Check, Grounded, Passage, Similarity, Statement, Violation
from bot.grounding.names import other_forms

__all__ = [
    "CHECKS",
    "Check",
    "Facts",
    "Grounded",
    "Grounder",
    "Passage",
    "Similarity",
    "Statement",
    "Violation",
    "facts",
    "other_forms",
    "violations",
]
