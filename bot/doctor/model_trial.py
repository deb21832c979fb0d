"""The trial of a language model: twenty bundled questions, asked with it and without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answers import Tokens
from bot.doctor import CheckResult
from bot.evaluation.measurement import verdict
from bot.evaluation.questions import GoldQuestion
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.wiring import Services

# The questions are asked as of this day, two days after the date of the bundled report.
AS_OF = date(2024, 5, 1)
# The trial ends after so many failures in a row.
_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Trial:
    """Numbers of questions answered or refused correctly, with the model and without, and the cost of the model.

    `seconds` is the mean time of an answer with the model; `failure` says why the trial ended early.
    """

    questions: int
    with_model: int = 0
    without: int = 0
    tokens: Tokens | None = None
    seconds: float = 0.0
    failure: str | None = None


def try_model(
    settings: Settings,
    build: Callable[[Settings], Services],
    documents: Sequence[Path],
    questions: Sequence[GoldQuestion],
    folder: Path,
) -> Trial:
    """Ingest the documents into an empty `folder` and ask the questions. Raises IngestError, StoreError."""
    with_model = build(settings.model_copy(update={"data_dir": folder}))
    without = build(settings.model_copy(update={"data_dir": folder, "model": ""}))
    # Only answers are tried, not the reading of dates.
    without.shared.ingest(documents, export=False)
    right, plain, spent, tokens, failures = 0, 0, 0.0, [], 0
    for gold in questions:
        answer = with_model.assistant.answer(gold.question, as_of=AS_OF)
        failures = failures + 1 if answer.note and answer.tokens is None else 0
        if failures == _FAILURES:
            return Trial(len(questions), failure=f"{_FAILURES} questions in a row failed. {answer.note}")
        right += not failures and verdict(gold, answer.answered, answer.text) == "right"
        spent += answer.timings_ms["total"] / 1000
        tokens.append(answer.tokens)
        other = without.assistant.answer(gold.question, as_of=AS_OF)
        plain += verdict(gold, other.answered, other.text) == "right"
    return Trial(len(questions), right, plain, Tokens.total(tokens), spent / len(questions))


def check_trial(name: str, trial: Trial) -> CheckResult:
    """Return the trial as a check: broken if the model does no better than none."""
    if trial.failure:
        return CheckResult(
            "model's answers", "broken", trial.failure, "`itubot doctor` checks its name and key"
        )
    found = (
        f"{name} answers {trial.with_model} of {trial.questions} questions rightly, no model {trial.without}"
    )
    if trial.tokens:
        about = "about " if trial.tokens.estimated else ""
        found += f"; {about}{trial.tokens.input:,} tokens read and {trial.tokens.output:,} written"
    found += f", {trial.seconds:.1f} seconds an answer"
    if trial.with_model > trial.without:
        return CheckResult("model's answers", "ok", found)
    remedy = "leave ITUBOT_MODEL empty, or name a more capable model"
    return CheckResult("model's answers", "broken", found, remedy)
