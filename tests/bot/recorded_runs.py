"""The marked questions, asked with the recorded replies of a capable model, and the shares that were delivered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.answering.parsing import is_no_answer, sentences_of
from bot.evaluation.measurement import EvaluationRow, Measurement, contains_all
from bot.evaluation.questions import read_questions
from bot.wiring import Services
from tests.bot.gold_runs import ask_questions, with_recordings

DATA = Path(__file__).parents[1] / "data"
SETS = {"gold": "questions_gold.jsonl", "dev": "questions_dev.jsonl", "heldout": "questions_heldout.jsonl"}


@dataclass(frozen=True)
class RecordedRun:
    """The run of one set: its measures, the raw replies in order, prompts without a record, replied questions."""

    measured: Measurement
    replies: tuple[str, ...]
    missing: tuple[str, ...]
    answered: tuple[str, ...]

    @property
    def model_rows(self) -> list[tuple[EvaluationRow, str]]:
        """(row, raw reply) of the questions that the model answered from passages, whole or in part."""
        pairs = zip(self.measured.rows, self.replies, strict=True)
        return [(row, reply) for row, reply in pairs if any(q in row.gold.question for q in self.answered)]

    @property
    def decided_alike(self) -> float:
        """Share of the model's questions that are answered or refused as the raw reply does."""
        rows = self.model_rows
        return sum(row.answer.answered == answers(reply) for row, reply in rows) / len(rows)

    @property
    def still_right(self) -> float:
        """Share of the correct raw replies whose delivered answer is correct too."""
        right = [
            row for row, reply in self.model_rows if row.gold.must and contains_all(reply, row.gold.must)
        ]
        return sum(
            row.answer.answered and contains_all(row.answer.text, row.gold.must) for row in right
        ) / len(right)

    @property
    def raw_right(self) -> float:
        """Share of answerable questions whose raw reply is correct: the most that retrieval allows."""
        rows = [(row, reply) for row, reply in self.model_rows if row.gold.answerable and row.gold.must]
        return sum(answers(reply) and contains_all(reply, row.gold.must) for row, reply in rows) / len(rows)


def answers(reply: str) -> bool:
    """Whether a raw reply answers."""
    return not any(is_no_answer(sentence.text) for sentence in sentences_of(reply))


def run(services: Services, name: str, *, judge: str = "") -> RecordedRun:
    """Ask the questions of a set of SETS."""
    questions = read_questions(DATA / SETS[name])
    with with_recordings(services, judge=judge) as (own, recordings):
        measured = ask_questions(own, questions)
        replies = tuple(recordings.replies[gold.question] for gold in questions)
        return RecordedRun(measured, replies, tuple(recordings.missing), tuple(recordings.answered))
