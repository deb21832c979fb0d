"""Evaluation: how well the program answers marked questions, for `itubot eval`."""

from bot.evaluation.comparison import Baseline, Comparison, VerdictChange, compare, read_baseline
from bot.evaluation.measurement import (
    EvaluationRow,
    Measurement,
    Run,
    contains_all,
    evaluate,
    is_right,
    measure,
    metrics,
    normalized,
    percentile,
    ranked,
    verdict,
)
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.evaluation.sentence_checks import CheckedSentence, PassageOf, check, delivered, passages_of

__all__ = [
    "Baseline",
    "CheckedSentence",
    "Comparison",
    "EvaluationRow",
    "GoldQuestion",
    "Measurement",
    "PassageOf",
    "Run",
    "VerdictChange",
    "check",
    "compare",
    "contains_all",
    "delivered",
    "evaluate",
    "is_right",
    "measure",
    "metrics",
    "normalized",
    "passages_of",
    "percentile",
    "ranked",
    "read_baseline",
    "read_questions",
    "verdict",
]
