"""Evaluation: how well the program answers marked questions, for `itubot eval`."""

from bot.evaluation.comparison import Baseline, Change, Comparison, compare, read_baseline
from bot.evaluation.measurement import (
    Measurement,
    Row,
    Run,
    evaluate,
    holds_all,
    is_right,
    measure,
    metrics,
    percentile,
    ranked,
    unified,
    verdict,
)
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.evaluation.sentence_checks import CheckedSentence, PassageOf, check, delivered, passages_of

__all__ = [
    "Baseline",
    "Change",
    "CheckedSentence",
    "Comparison",
    "GoldQuestion",
    "Measurement",
    "PassageOf",
    "Row",
    "Run",
    "check",
    "compare",
    "delivered",
    "evaluate",
    "holds_all",
    "is_right",
    "measure",
    "metrics",
    "passages_of",
    "percentile",
    "ranked",
    "read_baseline",
    "read_questions",
    "unified",
    "verdict",
]
