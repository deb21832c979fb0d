"""How fast it is, measured against the bare encoder and the bare index in the same run: `make bench`.

Prints four figures: a warm answer over its floor; ingest against the bare encoder; ingesting again; publishing one
changed paragraph. docs/performance.md keeps those that were seen.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bot.cli import bundled
from bot.evaluation import read_questions
from bot.settings import Settings
from bot.wiring import Services, build
from ingest.files import Source, read_bytes, read_document
from ingest.passages import stretches
from store.embeddings import SentenceTransformerEmbedder

_QUESTIONS = Path(__file__).parents[1] / "data" / "questions_dev.jsonl"
_WORDS = Path(__file__).parents[1] / "data" / "distractors"
_PARAGRAPHS = 600
_BATCH = 32


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        services = build(Settings(data_dir=report))
        services.ingest(bundled())
        answers(services)
        large = Path(folder) / "large"
        # The same embedder would know its texts' lengths already; a new one loads its own model.
        ingests(build(Settings(data_dir=large)), Path(folder) / "papers.txt")


def answers(services: Services) -> None:
    """A warm answer, over encoding its question and one query of the index: what no answer can do without."""
    questions = [row.question for row in read_questions(_QUESTIONS)]
    assistant = services.assistant
    assistant.warm_up()
    embedder, index = services.search.embedder, services.search.index
    with services.catalog.snapshot() as view:
        segments = view.segments()
    for question in questions[:10]:
        assistant.answer(question)
    # In turns, so that both meet the same moments of a busy machine.
    floors, whole = [], []
    for question in questions:
        floors.append(seconds(lambda q=question: index.query(segments, embedder.encode_question(q), 10)))
        whole.append(seconds(lambda q=question: assistant.answer(q)))
    floor, answer = median(floors), median(whole)
    show("warm answer / (encode + one query), p50", answer / floor, "at most 2.0")
    show("  answer, ms", 1000 * answer)
    show("  encode + one query, ms", 1000 * floor)


def ingests(services: Services, paper: Path) -> None:
    """An ingest of new text against the bare encoder on the texts that it embeds, then the same text again."""
    paragraphs = generated(_PARAGRAPHS)
    write(paper, paragraphs)
    embedder = services.search.embedder
    assert isinstance(embedder, SentenceTransformerEmbedder)
    source = Source(paper, paper.parent)
    _, sections = read_document(source, read_bytes(source))
    texts = list(dict.fromkeys(s.embedded for s in stretches(sections, embedder.lengths)))
    # Half of the bare encoder before and half after: what else runs on the machine weighs on both alike.
    before = seconds(lambda: bare(embedder, texts[::2]))
    first = seconds(lambda: services.ingest([paper]))
    after = seconds(lambda: bare(embedder, texts[1::2]))
    again = seconds(lambda: services.ingest([paper]))
    paragraphs[_PARAGRAPHS // 2] += " This sentence was added later."
    write(paper, paragraphs)
    changed = seconds(lambda: services.ingest([paper]))
    show("ingest / bare encoder, texts a second", (before + after) / first, "at least 0.85")
    show("  texts", len(texts))
    show("  bare encoder, s", before + after)
    show("  ingest, s", first)
    show("ingesting the same again, share of the first time", again / first)
    show("one changed paragraph published, s", changed)


def bare(embedder: SentenceTransformerEmbedder, texts: Sequence[str]) -> None:
    """Encode with sentence-transformers itself, which sorts by length too."""
    import torch

    # As many as an ingest takes; a question before it left one.
    torch.set_num_threads(os.cpu_count() or 1)
    model: Any = embedder._load()
    model.encode(texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)


def generated(count: int) -> list[str]:
    """Return paragraphs of one to seven sentences, drawn from the invented documents of the tests."""
    draw = random.Random(20240429)  # noqa: S311 - no secret
    pool = [
        sentence
        for path in sorted(_WORDS.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        for sentence in line.split("\t")[-1].split(". ")
        if len(sentence.split()) > 6
    ]
    paragraphs = []
    for number in range(count):
        picked = [draw.choice(pool).rstrip(".") for _ in range(draw.randint(1, 7))]
        # A number in each sentence: no text is embedded twice.
        paragraphs.append(" ".join(f"{s}, item {number}.{n}." for n, s in enumerate(picked)))
    return paragraphs


def write(paper: Path, paragraphs: Sequence[str]) -> None:
    paper.write_text("".join(f"{n // 40 + 1}.{n % 40 + 1}\t{text}\n" for n, text in enumerate(paragraphs)))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(name: str, value: float, target: str = "") -> None:
    line = f"{name:<52}{value:10.3f}" + (f"   ({target})" if target else "")
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
