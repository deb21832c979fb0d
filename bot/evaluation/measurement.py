"""Measures retrieval, answers, their support and their citations, and refusals over marked questions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.answers import Answer
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.evaluation.support import CheckedSentence, PassageOf, check
from store.search import SearchResult

__all__ = [
    "GoldQuestion",
    "Measured",
    "Measurement",
    "Row",
    "evaluate",
    "measure",
    "metrics",
    "read_questions",
]

_DEPTH = 10
_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_MARKER = re.compile(r"\s*\[\d+\]")
_STAGES = ("retrieve", "compose", "verify", "total")


@dataclass(frozen=True, slots=True)
class Row:
    """One question with what was found, best first, what was answered, and each sentence of that as it was checked."""

    gold: GoldQuestion
    ranked: tuple[tuple[str, str], ...]
    answer: Answer
    sentences: tuple[CheckedSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came of a run over a file of questions.

    `metrics` are shares, 0..1, and the mean of words; `timings_ms` holds p50 and p95 by stage; `tokens` the sums
    over all answers, by kind; `removed` how many sentences of a model each check stopped, by its name.
    """

    rows: tuple[Row, ...]
    metrics: Mapping[str, float]
    counts: Mapping[str, int]
    timings_ms: Mapping[str, Mapping[str, float]]
    tokens: Mapping[str, int]
    removed: Mapping[str, int]


class Measured(Protocol):
    """What is measured: a bot.answering.Assistant, or another with its two methods."""

    def find(self, question: str) -> SearchResult: ...

    def answer(self, question: str, *, as_of: date | None = None) -> Answer: ...


def evaluate(
    assistant: Measured,
    questions: Iterable[GoldQuestion],
    passage_of: PassageOf | None = None,
    as_of: date | None = None,
) -> Iterator[Row]:
    """Ask the questions, one by one. With `passage_of` each delivered sentence is held against what it cites."""
    for gold in questions:
        found = ranked(assistant.find(gold.question)) if gold.sections or gold.sources else ()
        answer = assistant.answer(gold.question, as_of=as_of)
        yield Row(gold, found, answer, check(answer, passage_of) if passage_of else ())


def ranked(found: SearchResult) -> tuple[tuple[str, str], ...]:
    """Return (source, section) of what was found, best first, each once."""
    places = [(hit.document.source, hit.section.number) for hit in found.hits]
    return tuple(dict.fromkeys(places))[:_DEPTH]


def measure(rows: Iterable[Row], default_source: str) -> Measurement:
    """Return the measures over all rows. A gold section without a source is one of `default_source`."""
    rows = tuple(rows)
    delivered = [sentence for row in rows for sentence in row.sentences]
    removed = Counter(r.check for row in rows for r in row.answer.removed)
    return Measurement(
        rows=rows,
        metrics=metrics(rows, default_source),
        counts={
            "questions": len(rows),
            "answered": sum(row.answer.answered for row in rows),
            "sentences": len(delivered),
            "unsupported": sum(sentence.violation is not None for sentence in delivered),
            "model_sentences": sum(sentence.own for sentence in delivered),
            "replaced": sum(r.replaced_by is not None for row in rows for r in row.answer.removed),
            "removed": removed.total(),
        },
        timings_ms=timings(rows),
        tokens=tokens(rows),
        removed=dict(removed.most_common()),
    )


def metrics(rows: Sequence[Row], default_source: str) -> dict[str, float]:
    """Return the measures over all rows, 0..1; `answer_words` is the mean length of a delivered answer.

    Retrieval is over the questions with gold sections or sources: recall@k the share of the gold found in the
    first k, mrr@10 the reciprocal rank of the first gold one, ndcg@10 with binary gains. Citations are over those
    of them that were answered: precision the share of the cited places that are gold, recall the share of the gold
    that is cited. What the hard checks accept, and a model's share, are over the delivered sentences.
    """
    searched = [_gains(row.gold, row.ranked, default_source) for row in rows if _has_place(row.gold)]
    cited = [
        _gains(row.gold, cited_places(row.answer), default_source)
        for row in rows
        if _has_place(row.gold) and row.answer.answered
    ]
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
        "hard_checks": _mean(float(s.violation is None) for row in rows for s in row.sentences),
        "citation_precision": _mean(sum(gains) / len(gains) if gains else 0.0 for gains, _ in cited),
        "citation_recall": _mean(sum(gains) / wanted for gains, wanted in cited),
        "model_share": _mean(float(s.own) for row in rows for s in row.sentences),
    }


def is_right(row: Row) -> bool:
    """Whether the answer was given and holds all that it must."""
    return row.answer.answered and holds_all(row.answer.text, row.gold.must)


def holds_all(text: str, must: Iterable[str]) -> bool:
    """Whether a text holds every one of these strings."""
    said = unified(text)
    return all(unified(wanted) in said for wanted in must)


def verdict(gold: GoldQuestion, answered: bool, text: str) -> str:
    """Return in a word how a question was answered: "right", or "answered", "refused", "incomplete" if wrongly so."""
    if not gold.answerable:
        return "answered" if answered else "right"
    if not answered:
        return "refused"
    return "right" if holds_all(text, gold.must) else "incomplete"


def unified(text: str) -> str:
    """Return the text as strings are compared: folded, with one kind of dash and single spaces, without markers."""
    plain = _DASHES.sub("-", _MARKER.sub("", text).casefold())
    return " ".join(plain.split())


def cited_places(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return (source, section) of what an answer cites, each once."""
    return tuple(dict.fromkeys((c.source, c.section) for c in answer.citations))


def timings(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return p50 and p95 of the milliseconds by stage."""
    return {
        stage: {"p50": percentile(spent, 0.5), "p95": percentile(spent, 0.95)}
        for stage in _STAGES
        if (spent := [row.answer.timings_ms[stage] for row in rows if stage in row.answer.timings_ms])
    }


def tokens(rows: Sequence[Row]) -> dict[str, int]:
    """Return what models read and wrote ("input", "output") over all answers; nothing where none was asked."""
    spent: Counter[str] = Counter()
    for row in rows:
        counted = row.answer.to_json().get("tokens") or {}
        spent.update({name: counted[name] for name in ("input", "output") if name in counted})
    return dict(spent)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least `share` of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _has_place(gold: GoldQuestion) -> bool:
    return bool(gold.sections or gold.sources)


def _gains(
    gold: GoldQuestion, places: Iterable[tuple[str, str]], default_source: str
) -> tuple[list[int], int]:
    """Return whether each place is a gold one that was not met before, and how many gold ones there are."""
    sources = gold.sources or (default_source,)
    if gold.sections:
        wanted = {(source, section) for source in sources for section in gold.sections}
        return [int(place in wanted) for place in places], len(wanted)
    met: set[str] = set()
    gains = []
    for source, _ in places:
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
