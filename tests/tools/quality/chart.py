"""The chart of an evaluation's shares, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.figure import Figure

from bot.evaluation.measurement import format_share

# Metric -> its label, in the order of the chart. Only shares, 0..1.
SHARES = {
    "recall@5": "Gold sections among the first five",
    "mrr@10": "Reciprocal rank of the first",
    "ndcg@10": "Ranking (nDCG@10)",
    "answer_accuracy": "Answers that hold what they must",
    "hard_checks": "Sentences the hard checks accept",
    "citation_precision": "Cited sections that are gold",
    "citation_recall": "Gold sections that are cited",
    "refusal_precision": "Refusals that are right",
    "refusal_recall": "Unanswerable that are refused",
    "model_share": "Sentences that a model wrote",
}
_COLOURS = ("#0b3c6f", "#e08a1e", "#5b8c5a", "#8a5a9e", "#7a8793")
_INK, _SOFT, _GRID = "#14202b", "#52606d", "#e3e9ee"
# Inches.
_WIDTH, _BAR, _GAP, _TOP, _BOTTOM, _LEFT = 8.6, 0.2, 0.16, 0.75, 0.35, 3.1


def to_svg(runs: Sequence[tuple[str, Mapping[str, float]]], title: str) -> str:
    """Return a chart with a bar for each run (name, metrics) under each metric; the same bytes for the same figures."""
    names = [name for name in SHARES if any(name in metrics for _, metrics in runs)]
    group = _BAR * len(runs) + _GAP
    height = _TOP + group * len(names) + _BOTTOM
    with matplotlib.rc_context({"svg.hashsalt": "itubot", "svg.fonttype": "path"}):
        figure = Figure(figsize=(_WIDTH, height), facecolor="#ffffff")
        axes = figure.add_axes(
            (_LEFT / _WIDTH, _BOTTOM / height, (_WIDTH - _LEFT - 0.6) / _WIDTH, group * len(names) / height)
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(group * len(names), 0)
        axes.set_yticks([group * (n + 0.5) for n in range(len(names))], [SHARES[name] for name in names])
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", ".25", ".5", ".75", "1"])
        axes.tick_params(length=0, labelsize=9, labelcolor=_INK)
        axes.grid(axis="x", color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        for side in axes.spines.values():
            side.set_visible(False)
        for number, (run, metrics) in enumerate(runs):
            colour = _COLOURS[number % len(_COLOURS)]
            places = [group * n + _GAP / 2 + _BAR * (number + 0.5) for n in range(len(names))]
            values = [metrics.get(name) for name in names]
            axes.barh(
                places, [value or 0.0 for value in values], _BAR * 0.86, color=colour, label=_literal(run)
            )
            for place, value in zip(places, values, strict=True):
                label = "not measured" if value is None else format_share(value)
                axes.text((value or 0.0) + 0.01, place, label, va="center", fontsize=8, color=_SOFT)
        figure.text(0.15 / _WIDTH, 1 - 0.3 / height, _literal(title), fontsize=12, weight="bold", color=_INK)
        if len(runs) > 1:
            figure.legend(
                loc="upper right", bbox_to_anchor=(0.995, 1 - 0.38 / height), ncols=len(runs), fontsize=8,
                frameon=False, borderpad=0, handlelength=1.2,
            )  # fmt: skip
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    # From the element on: a page takes it in as it is.
    drawn = out.getvalue()
    return drawn[drawn.index("<svg") :]


def _literal(text: str) -> str:
    # A "$" in a file's name is no mathematics.
    return text.replace("$", r"\$")
