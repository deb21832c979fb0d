"""Writes the figures of docs/explanation/evaluation.json into the page beside it, between the marks `<!-- name -->`
and `<!-- /name -->`. The text around the marks is written by hand and stays unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.evaluation.measurement import format_metric, format_share
from bot.languages import language_name

FOLDER = Path(__file__).parents[3] / "docs" / "explanation"
PAGE, FIGURES = FOLDER / "evaluation.md", FOLDER / "evaluation.json"
LANGUAGES = ("fr", "es", "ru", "zh", "ar")
# Nothing was tuned on this set.
HELD_OUT = "70 held out"
# Name of a metric -> its words on the page.
MEASURES = {
    "recall@5": "marked paragraphs among the first five (recall@5)",
    "answer_accuracy": "answers that contain all marked facts",
    "refusal_recall": "questions without an answer that are refused",
}
REGISTER_SETS = {
    "dev": "40 for development",
    "heldout": "20 held out",
    "heldout_labelled": "the same 20, with a model",
    "later": "16 written later",
}
REGISTER_MEASURES = {
    "recall": "marked dates in the register (recall)",
    "precision": "entries that are marked (precision)",
    "kind": "entries with the right kind",
    "status": "entries with the right status",
    "events": "marked events",
}


def save_figures(figures: Mapping[str, Any]) -> None:
    """Update docs/explanation/evaluation.json with these figures."""
    FIGURES.write_text(
        json.dumps({**load_figures(), **figures}, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


def load_figures() -> dict[str, Any]:
    """Return the figures of docs/explanation/evaluation.json, or an empty dict if there is no such file."""
    return json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {}


def render() -> None:
    """Write the figures into docs/explanation/evaluation.md."""
    PAGE.write_text(fill_marks(PAGE.read_text("utf-8"), blocks(load_figures())), "utf-8")


def fill_marks(page: str, texts: Mapping[str, str]) -> str:
    """Return the page with each text between the marks of its name. Raises KeyError for a name without marks."""
    for name, text in texts.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
        if not mark.search(page):
            raise KeyError(name)
        page = mark.sub(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page)
    return page


def blocks(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return the text for each mark, by name."""
    return {
        "headlines": _headlines(figures),
        "answers": _answers(figures),
        "statements": _statements(figures["statements"]["all"]),
        "conversations": "In {found} of {conversations} conversations, the last turn finds its paragraph among the "
        "first five.".format(**figures["conversations"]),
        "languages": _languages(figures),
        "register": _register(figures["register"]),
    }


def _headlines(figures: Mapping[str, Any]) -> str:
    """Return what a reader should know first, with a model and without one."""
    columns = [figures[kind][HELD_OUT]["metrics"] for kind in ("capable_model", "sets")]
    judged = [figures["first_questions"][kind] for kind in ("with a model", "without")]
    first = [f"{one['useful']} useful, {one['poor']} poor, {one['wrong']} wrong" for one in judged]
    return _table(
        ["with a capable language model", "without one"],
        {
            "**marked facts**: 35 held-out questions with an answer, share whose answer contains them all": [
                format_metric("answer_accuracy", column["answer_accuracy"]) for column in columns
            ],
            "35 held-out questions without an answer, share refused": [
                format_metric("refusal_recall", column["refusal_recall"]) for column in columns
            ],
            "**first questions**: 40 of newcomers, judged by a reader": first,
        },
    )


def _answers(figures: Mapping[str, Any]) -> str:
    """Return the metrics of each set, without and with a model side by side."""
    sets = list(figures["sets"])
    columns = [figures[kind][name]["metrics"] for name in sets for kind in ("sets", "capable_model")]
    heads = [f"{name}, {how}" for name in sets for how in ("no model", "a model")]
    return _table(
        heads,
        {
            label: [format_metric(measure, column[measure]) for column in columns]
            for measure, label in MEASURES.items()
        },
    )


def _languages(figures: Mapping[str, Any]) -> str:
    english, others = figures["sets"][HELD_OUT]["metrics"], figures["languages"][HELD_OUT]
    columns = [english, *(others[language] for language in LANGUAGES)]
    return _table(
        ["English", *map(language_name, LANGUAGES)],
        {
            MEASURES[measure]: [format_metric(measure, column[measure]) for column in columns]
            for measure in ("recall@5", "answer_accuracy")
        },
    )


def _statements(total: Mapping[str, Any]) -> str:
    return _table(
        ["marked", "accepted with a judge", "accepted without"],
        {
            "faithful statements": [str(total[key]) for key in ("said", "said_judged", "said_hard")],
            "wrong statements": [str(total[key]) for key in ("wrong", "wrong_judged", "wrong_hard")],
        },
    )


def _register(found: Mapping[str, Mapping[str, float]]) -> str:
    rows = {}
    for measure, label in REGISTER_MEASURES.items():
        values = [one[measure] for one in found.values()]
        rows[label] = [f"{v:.0f}" if measure == "events" else format_share(v) for v in values]
    return _table([REGISTER_SETS[name] for name in found], rows)


def _table(heads: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {label} | {' | '.join(cells)} |" for label, cells in rows.items()]
    return "\n".join(lines)
