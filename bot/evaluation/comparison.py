"""The comparison of a measurement with an earlier one: which questions are answered better or worse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import QuestionError
from bot.evaluation.measurement import EvaluationRow, verdict


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier measurement: its metrics, and question -> (whether it was answered, the answer)."""

    name: str
    metrics: Mapping[str, float]
    answers: Mapping[str, tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A question with the verdicts on its answers, before and after."""

    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Questions that became right, became wrong, or are wrong in another way; `new` and `gone` count the rest."""

    baseline: Baseline
    better: tuple[VerdictChange, ...]
    worse: tuple[VerdictChange, ...]
    other: tuple[VerdictChange, ...]
    new: int
    gone: int


def read_baseline(path: Path) -> Baseline:
    """Return what `itubot eval --json` printed into a file. Raises QuestionError."""
    try:
        read = json.loads(path.read_bytes())
        metrics = {str(name): float(value) for name, value in read["metrics"].items()}
        answers = {str(r["question"]): (bool(r["answered"]), str(r["answer"])) for r in read["rows"]}
    except OSError as error:
        raise QuestionError(f"{path} cannot be read ({error.strerror or error})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise QuestionError(
            f"{path} is no measurement; `itubot eval QUESTIONS.jsonl --json` prints one"
        ) from None
    return Baseline(path.stem, metrics, answers)


def compare(rows: Sequence[EvaluationRow], baseline: Baseline) -> Comparison:
    """Return how the answers changed; both are judged by the questions as marked now."""
    changes = []
    for row in rows:
        before = baseline.answers.get(row.gold.question)
        if before is not None:
            changes.append(VerdictChange(row.gold.question, verdict(row.gold, *before), row.verdict))
    asked = {row.gold.question for row in rows}
    return Comparison(
        baseline,
        better=tuple(c for c in changes if c.after == "right" != c.before),
        worse=tuple(c for c in changes if c.before == "right" != c.after),
        other=tuple(c for c in changes if "right" != c.before != c.after != "right"),
        new=len(asked - baseline.answers.keys()),
        gone=len(baseline.answers.keys() - asked),
    )
