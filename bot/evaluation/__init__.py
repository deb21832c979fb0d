"""Evaluation: how well the program answers marked questions, for `itubot eval`."""

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
    ranked_places,
    verdict,
)
from bot.evaluation.questions import (
    CheckedSentence,
    GoldQuestion,
    PassageOf,
    check_answer,
    delivered_sentences,
    passages_of,
    read_questions,
)
from bot.evaluation.report import Baseline, Comparison, VerdictChange, compare, read_baseline

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
    "check_answer",
    "compare",
    "contains_all",
    "delivered_sentences",
    "evaluate",
    "is_right",
    "measure",
    "metrics",
    "normalized",
    "passages_of",
    "percentile",
    "ranked_places",
    "read_baseline",
    "read_questions",
    "verdict",
]
