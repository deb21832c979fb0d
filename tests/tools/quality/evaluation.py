"""Measures the program over all marked questions; docs/explanation/evaluation.json and .md have the figures.

    python -m tests.tools.quality.evaluation             # make evaluation: a minute or two
    python -m tests.tools.quality.evaluation --render    # writes the page from evaluation.json again

Of the held-out questions only totals are kept: nobody should see which of them went wrong.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.answering.question import Turn
from bot.evaluation.measurement import Measurement, ranked_places
from bot.evaluation.questions import read_questions
from bot.settings import Settings
from bot.wiring import Services, build
from tests.bot.gold_runs import ask_questions
from tests.bot.recorded_runs import run
from tests.conftest import REPORT
from tests.tools.quality import register
from tests.tools.quality.evaluation_page import HELD_OUT, LANGUAGES, render, save_figures
from tests.tools.quality.statements import marked_statements, total
from tests.tools.quality.statements import measure as measure_statements

_DATA = Path(__file__).parents[2] / "data"
_SETS = {"95 questions": "gold", "130 questions": "dev", HELD_OUT: "heldout"}


def totals(measured: Measurement) -> dict[str, Any]:
    """Return the figures of a measurement, without any question."""
    return {"metrics": {name: round(value, 4) for name, value in measured.metrics.items()}}


def with_model(report: Services, key: str) -> dict[str, Any]:
    """Return the figures with recorded replies. Raises AssertionError where a record is missing."""
    one = run(report, key)
    assert not one.missing, one.missing
    return totals(one.measured)


def conversations(report: Services) -> dict[str, Any]:
    """Return the share of conversations whose last turn finds its section among the first five."""
    rows = [json.loads(line) for line in (_DATA / "conversations.jsonl").read_text("utf-8").splitlines()]
    found = 0
    for row in rows:
        history: list[Turn] = []
        for turn in row["turns"][:-1]:
            history += [
                Turn("user", turn),
                Turn("assistant", report.assistant.answer(turn, history=history).text),
            ]
        alone = report.assistant.answer(row["turns"][-1], history=history).standalone_question
        places = [section for _, section in ranked_places(report.assistant.find(alone))[:5]]
        found += any(section in places for section in row["sections"])
    return {"conversations": len(rows), "found": found}


def in_language(report: Services, language: str) -> dict[str, Any]:
    """Return the figures of the held-out questions in another language."""
    file = _DATA / "languages" / f"questions_heldout.{language}.jsonl"
    return dict(totals(ask_questions(report, read_questions(file)))["metrics"])


def of_register(name: str) -> dict[str, Any]:
    """Return the figures of the marked documents of a folder."""
    counts = register.total(_DATA / "register" / name)
    return {one: round(counts.share(one), 3) for one in register.NAMES} | {"events": counts.asked["recall"]}


def measured() -> dict[str, Any]:
    """Measure everything that needs no model but the recorded one."""
    with tempfile.TemporaryDirectory() as folder:
        report = build(Settings(data_dir=Path(folder), _env_file=None))
        report.shared.ingest([REPORT])
        questions = {name: read_questions(_DATA / f"questions_{key}.jsonl") for name, key in _SETS.items()}
        counts = measure_statements(marked_statements())
        return {
            "sets": {name: totals(ask_questions(report, asked)) for name, asked in questions.items()},
            "capable_model": {name: with_model(report, key) for name, key in _SETS.items()},
            "statements": {"all": asdict(total(counts.values()))},
            "conversations": conversations(report),
            "languages": {HELD_OUT: {language: in_language(report, language) for language in LANGUAGES}},
            "register": {name: of_register(name) for name in ("dev", "heldout", "later")},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--render", action="store_true", help="measure nothing, write the page anew")
    if not parser.parse_args().render:
        save_figures(measured())
    render()


if __name__ == "__main__":
    main()
