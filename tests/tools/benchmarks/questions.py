"""A fresh process that is asked questions over a data folder: `python -m tests.tools.benchmarks.questions DATA_DIR`."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import mean

import numpy as np

from bot.evaluation.measurement import percentile
from bot.evaluation.questions import read_questions
from bot.wiring import Services, build
from store import publication
from store.search import CANDIDATES
from store.vectors.encoders import Vectors
from tests.servers import settings_of
from tests.tools.benchmarks.measures import peak_memory, seconds, show

_QUESTIONS = Path(__file__).parents[2] / "data" / "questions_dev.jsonl"


def main(data_dir: str) -> None:
    services = build(settings_of(Path(data_dir)))
    questions = [row.question for row in read_questions(_QUESTIONS)]
    services.assistant.warm_up()
    for question in questions[:10]:
        services.assistant.answer(question)
    timed(services, questions)
    show("  resident memory, GB", peak_memory() / 1e9, "below 2")
    recall(services, questions)


def timed(services: Services, questions: list[str]) -> None:
    """Each question searched and answered, in turns."""
    assistant = services.assistant
    searched, answered = [], []
    for question in questions:
        searched.append(1000 * seconds(lambda q=question: assistant.find(q)))
        answered.append(1000 * seconds(lambda q=question: assistant.answer(q)))
    for name, values, limit in (("search", searched, "below 150"), ("answer", answered, "")):
        show(f"  {name}, ms, p50", percentile(values, 0.5))
        show(f"  {name}, ms, p95", percentile(values, 0.95), limit)


def recall(services: Services, questions: list[str]) -> None:
    """Of the ten vectors nearest to a question, by a scan of all, the share that the index gives too."""
    search = services.search
    keys, matrix = _windows(services)
    places = {key: n for n, key in enumerate(keys)}
    with services.catalog.snapshot() as view:
        segments = view.segments()
    shares = []
    for question in questions:
        vector = search.embedder.encode_question(question)
        nearest: dict[str, float] = {}
        for part in search.index.query(segments, vector, CANDIDATES):
            nearest |= part
        given = sorted(nearest, key=lambda key: -nearest[key])[:10]
        cosines = matrix @ vector
        # A vector as near as the tenth is as good.
        tenth = np.partition(cosines, -10)[-10] - 1e-5
        shares.append(sum(key in places and cosines[places[key]] >= tenth for key in given) / 10)
    show("  recall@10 against the scan", mean(shares), "at least 0.99")


def _windows(services: Services) -> tuple[list[str], Vectors]:
    """Return the keys of the live windows and their vectors, a row each."""
    with services.catalog.reading() as connection:
        keys = [key for own in publication.window_keys(connection).values() for key in own]
        stored = publication.load_vectors(connection, keys)
    return keys, np.stack([np.frombuffer(stored[key], dtype=np.float32) for key in keys])


if __name__ == "__main__":
    main(*sys.argv[1:])
