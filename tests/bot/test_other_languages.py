"""Questions about the report in other languages than English: what is found, and what a recorded model answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.answers import Answer
from bot.evaluation.measurement import ranked_places
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.question.lexicon import other_languages
from bot.question.typed_text import is_in
from bot.wiring import Services
from tests.bot.gold_runs import AS_OF, ask_questions, with_recordings

pytestmark = pytest.mark.slow

QUESTIONS = Path(__file__).parents[1] / "data" / "languages"
# In English it is .99.
LEAST_RECALL = 0.86


@pytest.mark.parametrize("language", sorted(other_languages()))
def test_gold_sections_are_among_the_first_five(report: Services, language: str) -> None:
    questions = read_questions(QUESTIONS / f"questions_gold.{language}.jsonl")

    assert ask_questions(report, questions).metrics["recall@5"] >= LEAST_RECALL


@dataclass(frozen=True)
class RecordedRun:
    """The held out questions in a language, their answers with a model, what was found, and what has no record."""

    language: str
    questions: list[GoldQuestion]
    answers: list[Answer]
    found: list[tuple[str, ...]]
    missing: list[str]

    def of(self, *, answerable: bool) -> list[tuple[GoldQuestion, Answer]]:
        """Return the questions that the report answers, or the others, with their answers."""
        pairs = zip(self.questions, self.answers, strict=True)
        return [(question, answer) for question, answer in pairs if bool(question.sections) == answerable]


@pytest.fixture(scope="module", params=sorted(other_languages()))
def recorded(request: pytest.FixtureRequest, report: Services) -> Iterator[RecordedRun]:
    questions = read_questions(QUESTIONS / f"questions_heldout.{request.param}.jsonl")
    with with_recordings(report) as (services, recordings):
        assistant = services.assistant
        answers = [assistant.answer(question.question, as_of=AS_OF) for question in questions]
        found = [
            tuple(
                section for _, section in ranked_places(assistant.find(a.question, a.standalone_question))[:5]
            )
            for a in answers
        ]
        yield RecordedRun(request.param, questions, answers, found, recordings.missing)


def test_every_prompt_has_its_record(recorded: RecordedRun) -> None:
    assert recorded.missing == []


def test_translated_questions_find_their_sections(recorded: RecordedRun) -> None:
    rows = [(q, found) for q, found in zip(recorded.questions, recorded.found, strict=True) if q.sections]
    assert sum(not set(q.sections).isdisjoint(found) for q, found in rows) >= 0.97 * len(rows)


def test_answers_cite_the_paragraphs_that_answer(recorded: RecordedRun) -> None:
    rows = recorded.of(answerable=True)
    right = [any(c.section in question.sections for c in answer.citations) for question, answer in rows]
    assert sum(right) >= 0.95 * len(rows)


def test_what_the_model_says_is_in_the_language_of_the_question(recorded: RecordedRun) -> None:
    written = [answer.text for answer in recorded.answers if answer.model != "extractive"]
    assert len(written) >= 0.9 * len(recorded.answers)
    assert sum(is_in(text, recorded.language) for text in written) >= len(written) - 1


def test_questions_without_an_answer_are_refused(recorded: RecordedRun) -> None:
    # Two of them get an answer that contradicts what they suppose.
    rows = recorded.of(answerable=False)
    assert sum(not answer.answered for _, answer in rows) >= len(rows) - 2
