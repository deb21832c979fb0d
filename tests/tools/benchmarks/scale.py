"""A corpus of many sections: how long it takes in, how fast one change is published, how fast it is searched.

Its vectors are mixtures of real ones (see MixingEmbedder); questions and changed paragraphs are encoded.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from ingest.pipeline import Pipeline
from store.catalog import Catalog
from store.search import Search
from store.vectors.encoders import export_encoder
from store.vectors.index import Index
from tests.servers import chroma_url, database_url
from tests.tools.benchmarks.corpus import PARAGRAPHS_A_FILE, MixingEmbedder, paragraphs, write, write_folder
from tests.tools.benchmarks.measures import seconds, show, size

# Shorter paragraphs than a report's: the sections are what counts, and what comes back for a question.
_LONGEST = 3
# So many that small segments are merged among them.
_CHANGES = 10


def measure(work: Path, embedder: MixingEmbedder, sections: int, changed_within: float) -> None:
    """Measure with so many sections; `changed_within` is the limit, in seconds, for publishing one change."""
    data, papers = work / "data", work / "papers"
    texts = paragraphs(sections, _LONGEST)
    files = write_folder(papers, texts)
    pipeline, search = _open(data, embedder)
    show(f"{sections} sections: taken in with mixed vectors, s", seconds(lambda: pipeline.ingest([papers])))
    _changes(pipeline, search, files, texts, changed_within)
    asked = embedder.asked
    again = seconds(lambda: pipeline.ingest([papers]))
    show("  the unchanged folder ingested again, s", again)
    show("  texts that the model was asked for then", embedder.asked - asked, "0")
    show("  files of the data folder, GB", size(data) / 1e9)
    # What an ingest with the bundled models leaves too.
    export_encoder(embedder.real.english, data / "encoder", on_start=lambda: None)
    # A fresh process, as a bot is: its memory holds nothing of the ingest.
    command = [sys.executable, "-m", "tests.tools.benchmarks.questions", str(data)]
    subprocess.run(command, check=True)


def _open(data: Path, embedder: MixingEmbedder) -> tuple[Pipeline, Search]:
    catalog = Catalog(database_url(data))
    index = Index(data / "index", chroma_url(data))
    return Pipeline(catalog, index, embedder, data), Search(catalog, index, embedder)


def _changes(
    pipeline: Pipeline, search: Search, files: list[Path], texts: list[str], changed_within: float
) -> None:
    """Change one paragraph after the other; each has to be found as soon as it is published."""
    taken, worked = [], []
    for n in range(_CHANGES):
        place = len(files) // 2 + n
        own = texts[place * PARAGRAPHS_A_FILE : (place + 1) * PARAGRAPHS_A_FILE]
        own[7] += f" Lighthouse LH{n} has a new lamp."
        write(files[place], own)
        began = time.process_time()
        taken.append(seconds(lambda file=files[place]: pipeline.ingest([file])))
        worked.append(time.process_time() - began)
        found = search.search(f"Which lamp does lighthouse LH{n} have?")
        assert any(hit.section.text == own[7] for hit in found.hits), "a change was not found"
    show("  one changed paragraph published, s, median", median(taken), f"below {changed_within:.0f}")
    show("  the slowest", max(taken))
    # What is left of it where nothing else runs.
    show("  processor time of one, s, median", median(worked))
