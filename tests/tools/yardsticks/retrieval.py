"""Sets that ask which documents are relevant to a query: nDCG@10, recall@10 and reciprocal rank of `trec_eval`."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytrec_eval

from store.vectors import Embedder
from tests.tools.yardsticks.passages import Passage, passage_store

# Name of `trec_eval` -> its label.
_MEASURES = {"ndcg_cut_10": "nDCG@10", "recall_10": "recall@10", "recip_rank": "MRR@10"}


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """`queries`: id -> words. `relevant`: id of a query -> id of a passage -> its gain, 1 or more."""

    passages: Sequence[Passage]
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, int]]

    def sample(self, count: int) -> RetrievalSet:
        """Return the set with so many of its queries, the same ones each time."""
        chosen = random.Random(1).sample(sorted(self.queries), min(count, len(self.queries)))  # noqa: S311
        return replace(self, queries={query: self.queries[query] for query in sorted(chosen)})


def cranfield(folder: Path) -> RetrievalSet:
    """Read cran.all.1400, cran.qry and cranqrel.

    The judgements count the queries from 1, whatever their ids. 1 is the best grade and 4 the lowest. One document of
    each query has -1, which is not explained; it counts as 1, because the list of relevant pairs has it too.
    """
    passages = [
        Passage(number, " ".join(fields["W"].split()), " ".join(fields["T"].split()))
        for number, fields in _records(folder / "cran.all.1400")
    ]
    asked = [" ".join(fields["W"].split()) for _, fields in _records(folder / "cran.qry")]
    relevant: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "cranqrel").read_text("utf-8").splitlines():
        query, passage, grade = line.split()
        relevant[query][passage] = 5 - abs(int(grade))
    queries = {str(n): text for n, text in enumerate(asked, start=1)}
    return RetrievalSet(passages, queries, relevant)


def _records(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the number of each record and its fields by their letter."""
    for record in re.split(r"^\.I", file.read_text("utf-8"), flags=re.M)[1:]:
        number, *fields = re.split(r"^\.([A-Z])\s*$", record, flags=re.M)
        yield number.strip(), defaultdict(str, zip(fields[::2], fields[1::2], strict=True))


def beir(folder: Path) -> RetrievalSet:
    """Read a set of BEIR: corpus.jsonl, queries.jsonl and the test queries of qrels/test.tsv."""
    passages = [
        Passage(row["_id"], row["text"], row.get("title", "")) for row in rows(folder / "corpus.jsonl")
    ]
    relevant: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, passage, gain = line.split("\t")
        if int(gain) > 0:
            relevant[query][passage] = int(gain)
    asked = {row["_id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    return RetrievalSet(passages, {query: asked[query] for query in relevant}, relevant)


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file."""
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def measure(chosen: RetrievalSet, embedder: Embedder | None = None) -> dict[str, float]:
    """Return the means over the queries, of the documents that the program finds."""
    with passage_store(embedder) as store:
        group = store.add(0, chosen.passages)
        found = {query: group.find(text) for query, text in chosen.queries.items()}
    return {"documents": len(group.ids), "queries": len(found)} | figures(found, chosen.relevant)


def figures(
    found: Mapping[str, Sequence[str]], relevant: Mapping[str, Mapping[str, int]]
) -> dict[str, float]:
    """Return the means over the queries of `found`, which has the passages of each, best first."""
    # trec_eval sorts by score, and equal ones by id.
    run = {query: {p: 1.0 / n for n, p in enumerate(best, start=1)} for query, best in found.items() if best}
    judged = {query: dict(relevant[query]) for query in found}
    by_query = pytrec_eval.RelevanceEvaluator(judged, set(_MEASURES)).evaluate(run)
    return {
        label: sum(values[name] for values in by_query.values()) / len(found)
        for name, label in _MEASURES.items()
    }
