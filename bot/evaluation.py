"""Measures retrieval, answers and refusals over a file of questions."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bot.answer import Answer
from bot.errors import QuestionError
from store.search import Found

_DEPTH = 10
_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_MARKER = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A marked question. `sections` and `sources` are gold: an answer stands there; `must` is what it has to say."""

    question: str
    answerable: bool
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    must: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One question with what was found, best first, and what was answered."""

    gold: GoldQuestion
    ranked: tuple[tuple[str, str], ...]
    answer: Answer


class Measured(Protocol):
    """What is measured: a bot.answering.Assistant, or another with its two methods."""

    def find(self, question: str) -> Found: ...

    def answer(self, question: str) -> Answer: ...


def evaluate(assistant: Measured, questions: Iterable[GoldQuestion]) -> Iterator[Row]:
    """Ask the questions, one by one."""
    for gold in questions:
        found = ranked(assistant.find(gold.question)) if gold.sections or gold.sources else ()
        yield Row(gold, found, assistant.answer(gold.question))


def read_questions(path: Path) -> list[GoldQuestion]:
    """Return the questions of a JSONL file. Raises QuestionError, naming the line that is wrong."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} cannot be read as UTF-8 text ({error})") from None
    questions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            questions.append(_read_line(line, f"{path}, line {number}"))
    if not questions:
        raise QuestionError(f'{path} holds no question; each line is a JSON object with "question"')
    return questions


def _read_line(line: str, where: str) -> GoldQuestion:
    try:
        row = json.loads(line)
        lists = [row.get(name, ()) for name in ("sections", "sources", "must")]
        if not isinstance(row["question"], str) or not all(isinstance(s, str) for own in lists for s in own):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise QuestionError(f'{where} is no JSON object with "question" and lists of strings') from None
    sections, sources, must = (tuple(own) for own in lists)
    return GoldQuestion(row["question"], bool(row.get("answerable", True)), sections, sources, must)


def ranked(found: Found) -> tuple[tuple[str, str], ...]:
    """Return (source, section) of what was found, best first, each once."""
    places = [(hit.document.source, hit.section.number) for hit in found.hits]
    return tuple(dict.fromkeys(places))[:_DEPTH]


def metrics(rows: Sequence[Row], default_source: str) -> dict[str, float]:
    """Return the measures over all rows, 0..1; `answer_words` is the mean length of a delivered answer.

    Retrieval is over the questions with gold sections or sources: recall@k the share of the gold found in the
    first k, mrr@10 the reciprocal rank of the first gold one, ndcg@10 with binary gains.
    """
    searched = [_gains(row, default_source) for row in rows if row.gold.sections or row.gold.sources]
    answerable = [row for row in rows if row.gold.answerable and row.gold.must]
    refused = [row for row in rows if not row.answer.answered]
    unanswerable = [row for row in rows if not row.gold.answerable]
    right_refusals = [row for row in refused if not row.gold.answerable]
    lengths = [len(_MARKER.sub("", row.answer.text).split()) for row in rows if row.answer.answered]
    return {
        **{f"recall@{k}": _mean(sum(gains[:k]) / wanted for gains, wanted in searched) for k in (1, 5, 10)},
        "mrr@10": _mean(_reciprocal_rank(gains) for gains, _ in searched),
        "ndcg@10": _mean(_ndcg(gains, wanted) for gains, wanted in searched),
        "answer_accuracy": _mean(float(is_right(row)) for row in answerable),
        "answer_words": _mean(float(n) for n in lengths),
        "refusal_precision": len(right_refusals) / len(refused) if refused else 0.0,
        "refusal_recall": len(right_refusals) / len(unanswerable) if unanswerable else 0.0,
    }


def is_right(row: Row) -> bool:
    """Whether the answer was given and holds all that it must."""
    said = unified(row.answer.text)
    return row.answer.answered and all(unified(must) in said for must in row.gold.must)


def unified(text: str) -> str:
    """Return the text as strings are compared: folded, with one kind of dash and single spaces, without markers."""
    plain = _DASHES.sub("-", _MARKER.sub("", text).casefold())
    return " ".join(plain.split())


def to_json(rows: Sequence[Row], measured: Mapping[str, float]) -> dict[str, Any]:
    """Return the JSON object that `itubot eval --json` prints."""
    return {
        "metrics": {name: round(value, 4) for name, value in measured.items()},
        "rows": [
            {
                "question": row.gold.question,
                "ranked": [{"source": source, "section": section} for source, section in row.ranked],
                "answered": row.answer.answered,
                "answer": row.answer.text,
                "citations": row.answer.to_json()["citations"],
                "model": row.answer.model,
            }
            for row in rows
        ],
    }


def _gains(row: Row, default_source: str) -> tuple[list[int], int]:
    """Return whether each ranked place is a gold one that was not met before, and how many gold ones there are."""
    gold = row.gold
    sources = gold.sources or (default_source,)
    if gold.sections:
        wanted = {(source, section) for source in sources for section in gold.sections}
        return [int(place in wanted) for place in row.ranked], len(wanted)
    met: set[str] = set()
    gains = []
    for source, _ in row.ranked:
        gains.append(int(source in sources and source not in met))
        met.add(source)
    return gains, len(set(sources))


def _reciprocal_rank(gains: Sequence[int]) -> float:
    return next((1.0 / rank for rank, gain in enumerate(gains, start=1) if gain), 0.0)


def _ndcg(gains: Sequence[int], wanted: int) -> float:
    best = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(wanted, _DEPTH) + 1))
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1)) / best


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return sum(collected) / len(collected) if collected else 0.0
