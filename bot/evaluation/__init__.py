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
    ranked_places,
    verdict,
)
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.evaluation.sentence_checks import (
    CheckedSentence,
    PassageOf,
    check_answer,
    delivered_sentences,
    passages_of,
)

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
