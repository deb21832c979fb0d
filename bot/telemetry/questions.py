"""What is recorded of each question at its end: how it ended, and how long each stage took."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.answering.answer import Answer

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """The end of a question.

    `outcome`: "answered", "refused" (the documents do not answer it), "failed", "small talk", ... `seconds`: by stage,
    and in "total". `removed`: name of a check -> how many sentences of a model it removed.
    """

    outcome: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer) -> QuestionRecord:
        """Return the record of an answer."""
        refused = "refused" if answer.reason == "no evidence" else answer.reason or "refused"
        seconds = {stage: round(ms / 1000, 4) for stage, ms in answer.timings_ms.items() if ms}
        removed = Counter(sentence.check for sentence in answer.removed)
        return cls("answered" if answer.answered else refused, seconds, removed)


def log_question(record: QuestionRecord) -> None:
    """Log the end of a question."""
    seconds = ", ".join(f"{stage} {value:.2f} s" for stage, value in record.seconds.items())
    _LOG.info(
        "question: %s%s",
        record.outcome,
        f" ({seconds})" if seconds else "",
        extra={"outcome": record.outcome, "seconds": dict(record.seconds), "removed": dict(record.removed)},
    )


class StageTimer:
    """Measures the milliseconds of each stage."""

    def __init__(self) -> None:
        self._began = self._lap = time.perf_counter()
        self._stages = {"retrieve": 0.0, "compose": 0.0, "verify": 0.0}

    def lap(self, stage: str) -> None:
        """Count the time since the last lap to a stage."""
        now = time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + 1000 * (now - self._lap)
        self._lap = now

    def milliseconds(self) -> dict[str, float]:
        """Return the milliseconds by stage, and in "total"."""
        total = 1000 * (time.perf_counter() - self._began)
        return {name: round(value, 1) for name, value in {**self._stages, "total": total}.items()}
