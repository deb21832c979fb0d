"""Marked questions: which sections answer them, and what the answer must contain; and checks of its sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.answering.answer import Answer
from bot.errors import QuestionError
from bot.facts.checks import Violation, violations
from bot.facts.names import other_forms
from bot.facts.stated import CitedPassage, read_facts
from store.catalog import Catalog

# Takes the id of a section; returns None if it is gone from the catalog.
PassageOf = Callable[[str], CitedPassage | None]
_SENTENCE = re.compile(r"(?P<text>\S.*?)\s*(?P<markers>(?:\[\d+\]\s*)+)(?=\s|$)", re.S)
_NOTHING_CITED = Violation("citation", "what it cites is gone")


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A marked question. `sections` or `sources` answer it; the answer must contain the strings `must`."""

    question: str
    answerable: bool = True
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    must: tuple[str, ...] = ()


_LINE = TypeAdapter(GoldQuestion)


def read_questions(path: Path) -> list[GoldQuestion]:
    """Return the questions of a JSONL file. Raises QuestionError, naming the line and what is wrong with it."""
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise QuestionError(f"{path} cannot be read ({error.strerror or error})") from None
    questions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                questions.append(_read_line(line))
            except ValueError as error:
                raise QuestionError(f"{path}, line {number}: {error}") from None
    if not questions:
        raise QuestionError(f'{path} holds no question; each line is a JSON object with "question"')
    return questions


def _read_line(line: bytes) -> GoldQuestion:
    """Return the question of a line. Raises ValueError, whose text says what is wrong."""
    try:
        gold = _LINE.validate_json(line.decode("utf-8"), strict=True)
    except UnicodeDecodeError:
        raise ValueError("this is no UTF-8 text") from None
    except ValidationError as error:
        wrong = error.errors()[0]
        if wrong["type"] == "json_invalid":
            raise ValueError(f"this is no JSON ({wrong['ctx']['error']})") from None
        if not wrong["loc"]:
            raise ValueError('this is no JSON object; {"question": "..."} is one') from None
        raise ValueError(f'"{wrong["loc"][0]}": {wrong["msg"]}') from None
    if not gold.question.strip():
        raise ValueError('"question" is empty')
    return gold


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A delivered sentence without its markers, its markers, and the first violation of the hard checks, if any.

    `by_model`: a language model wrote it.
    """

    text: str
    markers: tuple[int, ...]
    violation: Violation | None = None
    by_model: bool = False


def delivered_sentences(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Return the sentences of an answer, each with its markers."""
    return [
        (match["text"], tuple(int(n) for n in re.findall(r"\d+", match["markers"])))
        for match in _SENTENCE.finditer(text)
    ]


def check_answer(answer: Answer, passage_of: PassageOf) -> tuple[CheckedSentence, ...]:
    """Return the sentences of an answer, checked against their cited sections; none if it is computed."""
    if not answer.answered or answer.computed:
        return ()
    passages = {c.marker: found for c in answer.citations if (found := passage_of(c.section_id))}
    forms = other_forms(p.section.text for p in passages.values())
    replacements = [sentence.replaced_by for sentence in answer.removed if sentence.replaced_by]
    if answer.judged is None:
        # Quotations and computed lines: no model wrote them.
        return tuple(CheckedSentence(text, markers) for text, markers in delivered_sentences(answer.text))
    checked = []
    for text, markers in delivered_sentences(answer.text):
        cited = [passages[n] for n in markers if n in passages]
        wrong = violations(text, read_facts(cited, forms, [answer.as_of])) if cited else [_NOTHING_CITED]
        by_model = answer.judged is not None and not any(replacement in text for replacement in replacements)
        checked.append(CheckedSentence(text, markers, wrong[0] if wrong else None, by_model))
    return tuple(checked)


def passages_of(catalog: Catalog) -> PassageOf:
    """Return the function that reads the live sections of a catalog. Raises StoreError."""
    documents = {document.id: document for document in catalog.documents()}

    def passage(section_id: str) -> CitedPassage | None:
        section = catalog.section(section_id)
        document = documents.get(section.document_id) if section else None
        return CitedPassage(section, document) if section and document else None

    return passage
