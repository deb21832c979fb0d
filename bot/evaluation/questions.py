"""Marked questions: which sections answer them, and what the answer must contain; and the sentences of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot.answering.answer import Answer
from bot.errors import QuestionError

_SENTENCE = re.compile(r"(?P<text>\S.*?)\s*(?P<markers>(?:\[\d+\]\s*)+)(?=\s|$)", re.S)


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
class DeliveredSentence:
    """A sentence of an answer without its markers, and these; `by_model`: a language model wrote it."""

    text: str
    markers: tuple[int, ...]
    by_model: bool = False


def delivered_sentences(answer: Answer) -> list[DeliveredSentence]:
    """Return the sentences of an answer that end in markers."""
    return [
        DeliveredSentence(
            match["text"],
            tuple(int(n) for n in re.findall(r"\d+", match["markers"])),
            by_model=answer.judged is not None,
        )
        for match in _SENTENCE.finditer(answer.text)
    ]
