"""Measures of retrieval, answers, citations and refusals over marked questions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from bot.answering.answer import Answer, Tokens
from bot.evaluation.questions import DeliveredSentence, GoldQuestion, delivered_sentences
from store.search import SearchResult

if TYPE_CHECKING:
    from bot.answering.path import Assistant

_DEPTH = 10
_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_MARKER = re.compile(r"\s*\[\d+\]")
_STAGES = ("retrieve", "compose", "verify", "total")


Verdict = Literal["right", "answered", "refused", "incomplete"]


class Place(NamedTuple):
    """A paragraph: the file name of its document, and its number."""

    source: str
    section: str


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """One question, the places that the search found, best first, and the answer."""

    gold: GoldQuestion
    ranked: tuple[Place, ...]
    answer: Answer

    @property
    def sentences(self) -> list[DeliveredSentence]:
        """The delivered sentences; none of what is computed."""
        is_told = self.answer.answered and not self.answer.computed
        return delivered_sentences(self.answer) if is_told else []

    @property
    def verdict(self) -> Verdict:
        """The verdict on the answer, in a word."""
        return verdict(self.gold, self.answer.answered, self.answer.text)


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measures of one run over a file of questions."""

    rows: tuple[EvaluationRow, ...]
    metrics: Mapping[str, float]
    """Shares, 0..1, and the mean number of words; see `metrics`."""
    counts: Mapping[str, int]
    timings_ms: Mapping[str, Mapping[str, float]]
    """Stage -> its p50 and p95."""
    tokens: Mapping[str, int]
    """Sums over all answers, by "input" and "output"; empty without a model."""
    removed: Mapping[str, int]
    """Check -> the number of a model's sentences that it stopped."""
    questions: str = ""
    """The name of the file of questions."""
    model: str = ""
    """The model that answered, or "extractive"."""
    as_of: date = date.min
    """The day that counted as today."""
    documents: Sequence[str] = ()
    """The file names of the documents."""


def evaluate(
    assistant: Assistant, questions: Iterable[GoldQuestion], as_of: date | None = None
) -> Iterator[EvaluationRow]:
    """Ask the questions, one by one."""
    for gold in questions:
        found = ranked_places(assistant.find(gold.question)) if _has_place(gold) else ()
        yield EvaluationRow(gold, found, assistant.answer(gold.question, as_of=as_of))


def ranked_places(found: SearchResult) -> tuple[Place, ...]:
    """Return the places of what was found, best first, each once."""
    places = [Place(hit.document.source, hit.section.number) for hit in found.hits]
    return tuple(dict.fromkeys(places))[:_DEPTH]


def measure(rows: Iterable[EvaluationRow], default_source: str) -> Measurement:
    """Return the measures over all rows. A gold section without a source is one of `default_source`."""
    rows = tuple(rows)
    delivered = [sentence for row in rows for sentence in row.sentences]
    removed = Counter(r.check for row in rows for r in row.answer.removed)
    tokens = Tokens.total(row.answer.tokens for row in rows)
    return Measurement(
        rows=rows,
        metrics={name: round(value, 4) for name, value in metrics(rows, default_source).items()},
        counts={
            "questions": len(rows),
            "answered": sum(row.answer.answered for row in rows),
            "sentences": len(delivered),
            "model_sentences": sum(sentence.by_model for sentence in delivered),
            "removed": removed.total(),
        },
        timings_ms=timings(rows),
        tokens={"input": tokens.input, "output": tokens.output} if tokens else {},
        removed=dict(removed.most_common()),
    )


def metrics(rows: Sequence[EvaluationRow], default_source: str) -> dict[str, float]:
    """Return the measures over all rows, 0..1; `answer_words` is the mean length of an answer.

    Retrieval is over the questions with gold sections or sources: recall@k is the share of the gold among the first k,
    mrr@10 the reciprocal rank of the first gold one, ndcg@10 has binary gains. Citations are over those of them that
    were answered: precision is the share of the cited places that are gold, recall the share of the gold that is cited.
    The share of a model is over the delivered sentences.
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
        "mrr@10": _mean(_reciprocal_rank(gains) for gains, _wanted in searched),
        "ndcg@10": _mean(_ndcg(gains, wanted) for gains, wanted in searched),
        "answer_accuracy": _mean(float(row.verdict == "right") for row in answerable),
        "answer_words": _mean(float(n) for n in lengths),
        "refusal_precision": len(right_refusals) / len(refused) if refused else 0.0,
        "refusal_recall": len(right_refusals) / len(unanswerable) if unanswerable else 0.0,
        "citation_precision": _mean(sum(gains) / len(gains) if gains else 0.0 for gains, _wanted in cited),
        "citation_recall": _mean(sum(gains) / wanted for gains, wanted in cited),
        "model_share": _mean(float(s.by_model) for row in rows for s in row.sentences),
    }


def contains_all(text: str, must: Iterable[str]) -> bool:
    """Whether a text contains all of these strings."""
    plain = normalized(text)
    return all(normalized(wanted) in plain for wanted in must)


def verdict(gold: GoldQuestion, answered: bool, text: str) -> Verdict:
    """Return "right", or how the answer is wrong: "answered", "refused" or "incomplete"."""
    if not gold.answerable:
        return "answered" if answered else "right"
    if not answered:
        return "refused"
    return "right" if contains_all(text, gold.must) else "incomplete"


def normalized(text: str) -> str:
    """Return a text for comparison: case-folded, with one kind of dash and single spaces, without markers."""
    plain = _DASHES.sub("-", _MARKER.sub("", text).casefold())
    return " ".join(plain.split())


def cited_places(answer: Answer) -> tuple[Place, ...]:
    """Return the places that an answer cites, each once."""
    return tuple(dict.fromkeys(Place(c.source, c.section) for c in answer.citations))


def timings(rows: Sequence[EvaluationRow]) -> dict[str, dict[str, float]]:
    """Return p50 and p95 of the milliseconds by stage."""
    return {
        stage: {"p50": percentile(spent, 0.5), "p95": percentile(spent, 0.95)}
        for stage in _STAGES
        if (spent := [row.answer.timings_ms[stage] for row in rows if stage in row.answer.timings_ms])
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least `share` of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def format_metric(name: str, value: float) -> str:
    """Return a metric as tables show it."""
    return f"{value:.1f}" if name == "answer_words" else format_share(value)


def format_share(share: float) -> str:
    """Return a share as tables show it: .964, 1.000."""
    return f"{share:.3f}".removeprefix("0") if share < 1 else f"{share:.3f}"


def _has_place(gold: GoldQuestion) -> bool:
    return bool(gold.sections or gold.sources)


def _gains(
    gold: GoldQuestion, places: Iterable[tuple[str, str]], default_source: str
) -> tuple[list[int], int]:
    """Return for each place 1 if it is a gold one that did not occur before, else 0; and the number of gold ones."""
    sources = gold.sources or (default_source,)
    if gold.sections:
        wanted = {(source, section) for source in sources for section in gold.sections}
        return [int(place in wanted) for place in places], len(wanted)
    seen: set[str] = set()
    gains = []
    for source, _section in places:
        gains.append(int(source in sources and source not in seen))
        seen.add(source)
    return gains, len(set(sources))


def _reciprocal_rank(gains: Sequence[int]) -> float:
    return next((1.0 / rank for rank, gain in enumerate(gains, start=1) if gain), 0.0)


def _ndcg(gains: Sequence[int], wanted: int) -> float:
    best = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(wanted, _DEPTH) + 1))
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1)) / best


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return sum(collected) / len(collected) if collected else 0.0
