"""Measures the program on a public set, which is not a part of the repository.

    python -m tests.tools.yardsticks SET FOLDER [--sample N]     # make yardsticks SET=cranfield DATA=/path

FOLDER has the files of the set, as docs/explanation/evaluation.md says. With `--sample`, so many of its questions are
asked, the same ones each time.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

import pytrec_eval
from rapidfuzz.distance import LCSseq

from bot.evaluation.questions import delivered_sentences
from bot.settings import Settings
from bot.wiring import Services, SharedServices
from store.audiences import of_channel
from store.vectors.encoders import Embedder, SentenceTransformerEmbedder

# The same each time: what is due depends on the day.
_AS_OF = date(2024, 5, 1)
_NDCG = "ndcg_cut_10"


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a set, in English."""

    id: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set.

    `gains` has the gain, 1 or more, of each relevant passage. `references` are answers of people, none where the
    passages have no answer; None where the set asks for passages alone.
    """

    text: str
    gains: Mapping[str, int] = field(default_factory=dict)
    references: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Questions over the same passages, of which those of no other group are seen."""

    passages: Sequence[Passage]
    questions: Sequence[Question]


def cranfield(folder: Path) -> list[Group]:
    """Read cran.all.1400, cran.qry and cranqrel.

    The judgements count the queries from 1, whatever their ids. 1 is the best grade and 4 the lowest. One document of
    each query has -1, which is not explained; it counts as 1, because the list of relevant pairs has it too.
    """
    passages = [
        Passage(number, " ".join(fields["W"].split()), " ".join(fields["T"].split()))
        for number, fields in _records(folder / "cran.all.1400")
    ]
    gains: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "cranqrel").read_text("utf-8").splitlines():
        query, passage, grade = line.split()
        gains[query][passage] = 5 - abs(int(grade))
    asked = [" ".join(fields["W"].split()) for _, fields in _records(folder / "cran.qry")]
    return [Group(passages, [Question(text, gains[str(n)]) for n, text in enumerate(asked, start=1)])]


def _records(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the number of each record and its fields by their letter."""
    for record in re.split(r"^\.I", file.read_text("utf-8"), flags=re.M)[1:]:
        number, *fields = re.split(r"^\.([A-Z])\s*$", record, flags=re.M)
        yield number.strip(), defaultdict(str, zip(fields[::2], fields[1::2], strict=True))


def beir(folder: Path) -> list[Group]:
    """Read a set of BEIR: corpus.jsonl, queries.jsonl and the test queries of qrels/test.tsv."""
    passages = [
        Passage(row["_id"], row["text"], row.get("title", "")) for row in _rows(folder / "corpus.jsonl")
    ]
    gains: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, passage, gain = line.split("\t")
        if int(gain) > 0:
            gains[query][passage] = int(gain)
    asked = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    return [Group(passages, [Question(asked[query], gains[query]) for query in gains])]


def clapnq(folder: Path) -> list[Group]:
    """Read annotated_data/dev of ClapNQ: each question is asked over its own passage."""
    return [
        Group(
            [Passage(f"{row['id']}-{n}", one["text"], one["title"]) for n, one in enumerate(row["passages"])],
            [Question(row["input"], {}, tuple(one["answer"] for one in row["output"] if one["answer"]))],
        )
        for name in ("answerable", "unanswerable")
        for row in _rows(folder / "annotated_data" / "dev" / f"clapnq_dev_{name}.jsonl")
    ]


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


SETS: dict[str, Callable[[Path], list[Group]]] = {"cranfield": cranfield, "beir": beir, "clapnq": clapnq}


def sample(groups: Sequence[Group], count: int) -> list[Group]:
    """Return the groups with so many questions in all, the same ones each time."""
    every = [(n, question) for n, group in enumerate(groups) for question in group.questions]
    chosen = random.Random(1).sample(every, min(count, len(every)))  # noqa: S311
    kept = [replace(group, questions=[q for n, q in chosen if n == m]) for m, group in enumerate(groups)]
    return [group for group in kept if group.questions]


def measure(groups: Sequence[Group], embedder: Embedder | None = None) -> dict[str, float]:
    """Return the figures on a set.

    nDCG@10 is that of `trec_eval`, over the questions with relevant passages. ROUGE-L is over those with a reference,
    of which the best one counts; a refusal has 0. The default `embedder` is the bundled one of English alone, with
    which questions in English find the same as with both, and an ingest takes half the time.
    """
    run: dict[str, dict[str, float]] = {}
    gains: dict[str, dict[str, int]] = {}
    rouge, refused = [], []
    for name, question, services, ids in _asked(groups, embedder or SentenceTransformerEmbedder()):
        if question.gains:
            found = dict.fromkeys(
                one for hit in services.assistant.find(question.text).hits for one in ids[hit.document.source]
            )
            # trec_eval sorts by score, and equal ones by id.
            run[name] = {passage: 1 / n for n, passage in enumerate(found, start=1)}
            gains[name] = dict(question.gains)
        if question.references is not None:
            answer = services.assistant.answer(question.text, as_of=_AS_OF)
            text = (
                " ".join(sentence.text for sentence in delivered_sentences(answer)) if answer.answered else ""
            )
            if question.references:
                rouge.append(max(rouge_l(text, one) for one in question.references))
            else:
                refused.append(not answer.answered)
    figures: dict[str, float] = {"questions": sum(len(group.questions) for group in groups)}
    if gains:
        scored = pytrec_eval.RelevanceEvaluator(gains, {_NDCG}).evaluate(run)
        figures["nDCG@10"] = sum(scores[_NDCG] for scores in scored.values()) / len(gains)
    if rouge:
        figures["ROUGE-L"] = fmean(rouge)
    if refused:
        figures["refused, without an answer"] = fmean(refused)
    return figures


def rouge_l(answer: str, reference: str) -> float:
    """Return ROUGE-L (F1) without stemming, as the library `rouge-score` computes it."""
    own, wanted = (re.findall("[a-z0-9]+", text.lower()) for text in (answer, reference))
    return 2 * LCSseq.similarity(own, wanted) / max(len(own) + len(wanted), 1)


def _asked(
    groups: Sequence[Group], embedder: Embedder
) -> Iterator[tuple[str, Question, Services, Mapping[str, Sequence[str]]]]:
    """Yield each question by a name, with services that see its group alone, and the passages of each document."""
    with tempfile.TemporaryDirectory() as name:
        shared = SharedServices(Settings(data_dir=Path(name, "data"), _env_file=None), embedder)
        with closing(shared):
            for number, group in enumerate(groups):
                audience = of_channel("SET", str(number))
                ids = _write(Path(name, str(number)), group.passages)
                outcomes = (
                    shared.ingest([Path(name, str(number))], audience=audience).documents if ids else ()
                )
                if refused := [
                    f"{ids[one.source][0]}: {one.error}" for one in outcomes if one.status != "new"
                ]:
                    raise ValueError(f"not ingested: {', '.join(refused)}")
                services = shared.seen_by(frozenset({audience}))
                for n, question in enumerate(group.questions):
                    yield f"{number}-{n}", question, services, ids


def _write(folder: Path, passages: Sequence[Passage]) -> dict[str, list[str]]:
    """Write each passage that has text as a file with its title in the first line; return file -> passages of it."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for passage in passages:
        if passage.text.strip():
            texts[f"{passage.title}\n\n{passage.text}".strip()].append(passage.id)
    folder.mkdir()
    for n, text in enumerate(texts):
        (folder / f"{n}.txt").write_text(text, "utf-8")
        # Of a short passage, the language may be guessed wrongly.
        (folder / f"{n}.txt.meta.toml").write_text('language = "en"', "utf-8")
    return {f"{n}.txt": same for n, same in enumerate(texts.values())}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, metavar="N", help="ask N of the questions")
    chosen = parser.parse_args()
    try:
        groups = SETS[chosen.set](chosen.folder)
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is missing; docs/explanation/evaluation.md says where to get it")
    for label, value in measure(sample(groups, chosen.sample) if chosen.sample else groups).items():
        print(f"{label:32} {value:.3f}")


if __name__ == "__main__":
    main()
