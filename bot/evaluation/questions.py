"""Marked questions: what is asked, which sections answer it, and what the answer must hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import QuestionError

_LISTS = ("sections", "sources", "must")


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A marked question. `sections` and `sources` answer it; `must` are strings that the answer holds."""

    question: str
    answerable: bool
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    must: tuple[str, ...] = ()


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
    row = _object(line)
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise ValueError('"question" has to be a text')
    answerable = row.get("answerable", True)
    if not isinstance(answerable, bool):
        raise ValueError('"answerable" has to be true or false')
    for name in _LISTS:
        values = row.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ValueError(f'"{name}" has to be a list of texts')
    sections, sources, must = (tuple(row.get(name, ())) for name in _LISTS)
    return GoldQuestion(question, answerable, sections, sources, must)


def _object(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("this is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"this is no JSON ({error.msg}, column {error.colno})") from None
    except RecursionError:
        raise ValueError("this is no JSON that can be read (nested too deep)") from None
    if not isinstance(row, dict):
        raise ValueError('this is no JSON object; {"question": "..."} is one')
    return row
