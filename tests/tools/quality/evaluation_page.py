"""Writes the figures of docs/explanation/evaluation.json into the page beside it, between the marks `<!-- name -->`
and `<!-- /name -->`, and draws the chart. The text around the marks is written by hand and stays unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.evaluation.measurement import format_metric, format_share
from bot.languages import language_name

DOCS = Path(__file__).parents[3] / "docs"
PAGE, FIGURES = DOCS / "explanation" / "evaluation.md", DOCS / "explanation" / "evaluation.json"
CHART = DOCS / "img" / "evaluation.svg"
_MEASURES = {
    "recall@5": "gold sections among the first five (recall@5)",
    "mrr@10": "mean reciprocal rank of the first gold section (mrr@10)",
    "answer_accuracy": "answers that contain all marked facts",
    "answer_words": "words per answer",
    "hard_checks": "sentences that the hard checks accept",
    "citation_precision": "cited sections that are gold (precision)",
    "citation_recall": "gold sections that are cited (recall)",
    "refusal_precision": "refusals that are right (precision)",
    "refusal_recall": "questions without an answer that are refused (recall)",
    "model_share": "delivered sentences that the model wrote",
}
_REGISTER_SETS = {
    "dev": "40 for development",
    "heldout": "20 held out",
    "heldout_labelled": "the same 20, with a model's labels",
    "later": "16 written later",
}
_REGISTER_MEASURES = {
    "grammar": "marked dates that the grammar finds",
    "kept": "of these, dates in the register",
    "recall": "marked dates in the register (recall)",
    "precision": "entries that are marked (precision)",
    "left out": "look-alikes that are not in the register",
    "kind": "entries with the right kind",
    "status": "entries with the right status",
    "tentative": "entries rightly marked as tentative or firm",
    "document date": "date of the document",
    "symbol": "symbol of the document",
    "title": "title of the document",
    "event title": "overlap of the titles of entries found",
    "events": "marked events",
}
LANGUAGES = ("fr", "es", "ru", "zh", "ar")
_WITHOUT, _CAPABLE = "no model", "capable, recorded"


def save_figures(figures: Mapping[str, Any]) -> None:
    """Update docs/explanation/evaluation.json with these figures."""
    FIGURES.write_text(
        json.dumps({**load_figures(), **figures}, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


def load_figures() -> dict[str, Any]:
    """Return the figures of docs/explanation/evaluation.json, or an empty dict if there is no such file."""
    return json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {}


def render() -> None:
    """Write the figures into docs/explanation/evaluation.md, and the chart into its file."""
    figures = load_figures()
    PAGE.write_text(fill_marks(PAGE.read_text("utf-8"), blocks(figures)), "utf-8")
    CHART.write_text(chart(figures), "utf-8")


def fill_marks(page: str, texts: Mapping[str, str]) -> str:
    """Return the page with each text between the marks of its name. Raises KeyError for a name without marks."""
    for name, text in texts.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
        if not mark.search(page):
            raise KeyError(name)
        page = mark.sub(lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page)
    return page


def models(figures: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    """Return pairs of a model's name and its metrics over the 95 questions."""
    found = [(_WITHOUT, figures["sets"]["95 questions"]["metrics"])]
    found.append((_CAPABLE, figures["capable_model"]["95 questions"]["metrics"]))
    return found


def chart(figures: Mapping[str, Any]) -> str:
    """Return the chart of the metrics by model, as SVG."""
    # It loads matplotlib.
    from tests.tools.quality.chart import to_svg

    return to_svg(models(figures), "The 95 questions, by who answers")


def blocks(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return the text for each mark, by name."""
    return {
        "sets": _table([(name, one["metrics"]) for name, one in figures["sets"].items()]),
        "models": _table(models(figures)),
        "capable": _capable(figures["capable_model"], figures["capable_model_unjudged"]),
        "statements": _statements(figures["statements"]),
        "conversations": "In {found} of {conversations} conversations, the last turn finds its section among the first "
        "five.".format(**figures["conversations"]),
        "languages": _languages(figures["sets"], figures["languages"]),
        "dates": _dates(figures["dates"]),
        "register": _register(figures["register"]),
    }


def _table(
    columns: Sequence[tuple[str, Mapping[str, float]]], names: Sequence[str] = tuple(_MEASURES)
) -> str:
    lines = [f"| | {' | '.join(name for name, _ in columns)} |", f"|---|{'---|' * len(columns)}"]
    for name in names:
        values = [metrics.get(name) for _, metrics in columns]
        if name == "model_share" and not any(values):
            continue
        cells = ["" if value is None else format_metric(name, value) for value in values]
        lines.append(f"| {_MEASURES[name]} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _languages(english: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    lines = [
        f"| | English | {' | '.join(map(language_name, LANGUAGES))} |",
        f"|---|---|{'---|' * len(LANGUAGES)}",
    ]
    for measure in ("recall@5", "mrr@10", "answer_accuracy"):
        for name, by_language in others.items():
            every = [english[name]["metrics"], *(by_language[language] for language in LANGUAGES)]
            cells = [format_metric(measure, metrics[measure]) for metrics in every]
            lines.append(f"| {_MEASURES[measure]}, {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _capable(judged: Mapping[str, Any], unjudged: Mapping[str, Any]) -> str:
    names = {
        "questions_of_the_model": "questions that reach the model",
        "decided_alike": "answered or refused like the raw reply",
        "raw_right": "answerable questions whose raw reply contains all marked facts",
        "still_right": "of these, delivered answers that contain them too",
    }
    lines = [f"| | {' | '.join(judged)} |", f"|---|{'---|' * len(judged)}"]
    for name, label in names.items():
        cells = [
            f"{one[name]}" if name.startswith("questions") else format_share(one[name])
            for one in judged.values()
        ]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    for name in ("model_share", "refusal_precision", "refusal_recall", "answer_accuracy"):
        cells = [format_share(one["metrics"][name]) for one in judged.values()]
        lines.append(f"| {_MEASURES[name]} | {' | '.join(cells)} |")
    without = [format_share(one["metrics"]["answer_accuracy"]) for one in unjudged.values()]
    lines.append(f"| {_MEASURES['answer_accuracy']}, `ITUBOT_JUDGE=none` | {' | '.join(without)} |")
    return "\n".join(lines)


def _statements(sets: Mapping[str, Mapping[str, Any]]) -> str:
    head = "| set | faithful | accepted | accepted without a judge | wrong | accepted | accepted without a judge |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for name, one in sets.items():
        kept = [
            one[key] for key in ("said", "said_judged", "said_hard", "wrong", "wrong_judged", "wrong_hard")
        ]
        lines.append(f"| {name} | {' | '.join(map(str, kept))} |")
    stopped = sorted(sets["all"]["stopped"].items(), key=lambda pair: -sum(pair[1]))
    lines += [
        "",
        "| check | wrong statements that it stopped | faithful statements that it stopped |",
        "|---|---|---|",
    ]
    lines += [f"| {check} | {rightly} | {wrongly} |" for check, (rightly, wrongly) in stopped]
    return "\n".join(lines)


def _dates(found: Mapping[str, Mapping[str, float]]) -> str:
    names = ("recall", "precision", "kind", "status", "title", "taken")
    heads = (*names[:-2], "title overlap", "look-alikes taken")
    lines = ["| | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for what, one in found.items():
        name = "the report" if what == "report" else f"{one['count']:.0f} papers, mean"
        cells = [f"{one[n]:.0f}" if n == "taken" else format_metric(n, one[n]) for n in names]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _register(found: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f"| | {' | '.join(_REGISTER_SETS[name] for name in found)} |", f"|---|{'---|' * len(found)}"]
    for name in next(iter(found.values())):
        cells = [
            f"{one[name]:.0f}" if name == "events" else format_metric(name, one[name])
            for one in found.values()
        ]
        lines.append(f"| {_REGISTER_MEASURES[name]} | {' | '.join(cells)} |")
    return "\n".join(lines)
