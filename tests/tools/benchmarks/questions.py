"""A fresh process that is asked questions over a data folder: `python -m tests.tools.benchmarks.questions DATA_DIR`.

Beside each question stand what no search can do without, its encoding, and what would do instead of the index, a
scan of all vectors.
"""

from __future__ import annotations

import sys
import time
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
    """Each question encoded, searched and answered, in turns."""
    search, assistant = services.search, services.assistant
    encoded, searched, busy, answered = [], [], [], []
    for question in questions:
        encoded.append(1000 * seconds(lambda q=question: search.embedder.encode_question(q)))
        began = time.process_time()
        searched.append(1000 * seconds(lambda q=question: assistant.find(q)))
        busy.append(1000 * (time.process_time() - began))
        answered.append(1000 * seconds(lambda q=question: assistant.answer(q)))
    for name, values, limit in (
        ("the bare encoder", encoded, ""),
        ("search with the question's encoding", searched, "below 150"),
        # What is left of it where nothing else runs.
        ("  processor time of it", busy, ""),
        ("answer", answered, ""),
    ):
        show(f"  {name}, ms, p50", percentile(values, 0.5))
        show(f"  {name}, ms, p95", percentile(values, 0.95), limit)


def recall(services: Services, questions: list[str]) -> None:
    """Of the ten vectors nearest to a question, by a scan of all, the share that the index gives too."""
    search = services.search
    keys, matrix = _windows(services)
    places = {key: n for n, key in enumerate(keys)}
    with services.catalog.snapshot() as view:
        segments = view.segments()
    scanned, queried, shares = [], [], []
    for question in questions:
        vector = search.embedder.encode_question(question)
        found: list[dict[str, float]] = []
        queried.append(
            1000 * seconds(lambda v=vector, n=found: n.extend(search.index.query(segments, v, CANDIDATES)))
        )
        nearest = {key: cosine for one in found for key, cosine in one.items()}
        given = sorted(nearest, key=lambda key: -nearest[key])[:10]
        cosines = matrix @ vector
        scanned.append(1000 * seconds(lambda v=vector: np.argpartition(matrix @ v, -10)[-10:]))
        # A vector as near as the tenth is as good.
        tenth = np.partition(cosines, -10)[-10] - 1e-5
        shares.append(sum(key in places and cosines[places[key]] >= tenth for key in given) / 10)
    show("  one query of the index, ms, p50", percentile(queried, 0.5))
    show("  a scan of all vectors, ms, p50", percentile(scanned, 0.5))
    show("  recall@10 against the scan", mean(shares), "at least 0.99")


def _windows(services: Services) -> tuple[list[str], Vectors]:
    """Return the keys of the live windows and their vectors, a row each."""
    with services.catalog.reading() as connection:
        keys = [key for own in publication.window_keys(connection).values() for key in own]
        stored = publication.load_vectors(connection, keys)
    return keys, np.stack([np.frombuffer(stored[key], dtype=np.float32) for key in keys])


if __name__ == "__main__":
    main(*sys.argv[1:])
