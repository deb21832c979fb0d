"""Measures the program over all marked questions; docs/explanation/evaluation.json, .md and the chart have the figures.

    python -m tests.tools.quality.evaluation             # make evaluation: a minute or two
    python -m tests.tools.quality.evaluation --render    # writes the page and the chart from evaluation.json again

Of the held-out questions only totals are kept: nobody should see which of them went wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.answering.question import Turn
from bot.evaluation.measurement import Measurement, ranked_places
from bot.evaluation.questions import read_questions
from bot.settings import Settings
from bot.wiring import Services, build
from tests.bot.gold_runs import ask_questions
from tests.bot.recorded_runs import RecordedRun, run
from tests.conftest import REPORT
from tests.label_recordings import LabelRecordings
from tests.tools.quality import register as documents
from tests.tools.quality.evaluation_page import LANGUAGES, render, save_figures
from tests.tools.quality.extraction import Figures, bundled, marked_papers
from tests.tools.quality.statements import marked_statements, total
from tests.tools.quality.statements import measure as measure_statements

_DATA = Path(__file__).parents[2] / "data"
_SETS = {"95 questions": "gold", "130 questions": "dev", "70 held out": "heldout"}


def store(folder: Path, *documents: Path) -> Services:
    """Return services over these documents, in a folder of their own."""
    services = build(Settings(data_dir=folder, _env_file=None))
    services.shared.ingest(documents)
    return services


def totals(measured: Measurement) -> dict[str, Any]:
    """Return the figures of a measurement, without any question."""
    return {
        "metrics": {name: round(value, 4) for name, value in measured.metrics.items()},
        "counts": dict(measured.counts),
    }


def recorded(one: RecordedRun) -> dict[str, Any]:
    """Return the figures of a run with recorded replies. Raises AssertionError where a record is missing."""
    assert not one.missing, one.missing
    return {
        **totals(one.measured),
        "questions_of_the_model": len(one.model_rows),
        "decided_alike": round(one.decided_alike, 4),
        "still_right": round(one.still_right, 4),
        "raw_right": round(one.raw_right, 4),
    }


def statements() -> dict[str, Any]:
    """Return what the hard checks and the recorded judge make of the marked statements, by set and in all."""
    counts = measure_statements(marked_statements())
    return {name: asdict(one) for name, one in {**counts, "all": total(counts.values())}.items()}


def conversations(services: Services) -> dict[str, Any]:
    """Return the share of conversations whose last turn finds its section among the first five."""
    rows = _rows("conversations.jsonl")
    found = 0
    for row in rows:
        history: list[Turn] = []
        for turn in row["turns"][:-1]:
            history += [
                Turn("user", turn),
                Turn("assistant", services.assistant.answer(turn, history=history).text),
            ]
        alone = services.assistant.answer(row["turns"][-1], history=history).standalone_question
        places = [section for _, section in ranked_places(services.assistant.find(alone))[:5]]
        found += any(section in places for section in row["sections"])
    return {"conversations": len(rows), "found": found}


def other_languages(services: Services) -> dict[str, Any]:
    """Return set -> language -> the figures of the questions in that language."""

    def figures(key: str, language: str) -> dict[str, Any]:
        file = _DATA / "languages" / f"questions_{key}.{language}.jsonl"
        return dict(totals(ask_questions(services, read_questions(file)))["metrics"])

    translated = {name: key for name, key in _SETS.items() if key != "dev"}
    return {
        name: {language: figures(key, language) for language in LANGUAGES} for name, key in translated.items()
    }


def dates() -> dict[str, Any]:
    """Return the figures of the register: of the report, and the mean over the papers."""
    papers = marked_papers(
        _rows("papers_events.jsonl") + _rows("papers_not_events.jsonl"), _DATA / "papers"
    ).values()
    names = ("recall", "precision", "kind", "status", "title")
    return {
        "report": {**_shares(bundled(), names), "taken": bundled().taken},
        "papers": {
            **{name: round(sum(getattr(f, name) for f in papers) / len(papers), 3) for name in names},
            "taken": sum(figures.taken for figures in papers),
            "count": len(papers),
        },
    }


def register() -> dict[str, Any]:
    """Return the figures of the marked documents: worked with, held out, these with a model's labels, later ones."""
    folder = _DATA / "register"
    counted = {
        "dev": documents.total(folder / "dev"),
        "heldout": documents.total(folder / "heldout"),
        "heldout_labelled": documents.total(folder / "heldout", LabelRecordings.of()),
        "later": documents.total(folder / "later"),
    }
    return {
        name: {one: round(counts.share(one), 3) for one in documents.NAMES}
        | {"events": counts.asked["recall"]}
        for name, counts in counted.items()
    }


def measured() -> dict[str, Any]:
    """Measure everything that needs no model but the recorded one."""
    with tempfile.TemporaryDirectory() as folder:
        report = store(Path(folder) / "report", REPORT)
        sets, capable, unjudged = {}, {}, {}
        for name, key in _SETS.items():
            questions = read_questions(_DATA / f"questions_{key}.jsonl")
            _say(f"{name} ...")
            sets[name] = totals(ask_questions(report, questions))
            capable[name] = recorded(run(report, key))
            unjudged[name] = recorded(run(report, key, judge="none"))
        _say("conversations, languages, dates ...")
        return {
            "sets": sets,
            "capable_model": capable,
            "capable_model_unjudged": unjudged,
            "statements": statements(),
            "conversations": conversations(report),
            "languages": other_languages(report),
            "dates": dates(),
            "register": register(),
        }


def _shares(figures: Figures, names: Sequence[str]) -> dict[str, float]:
    return {name: round(getattr(figures, name), 3) for name in names}


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_DATA / name).read_text("utf-8").splitlines()]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--render", action="store_true", help="measure nothing, write the page anew")
    if not parser.parse_args().render:
        save_figures(measured())
    render()


if __name__ == "__main__":
    main()
