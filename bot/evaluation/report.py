"""The report of a measurement, in Markdown or HTML with a bar chart, and its comparison with an earlier one."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import QuestionError
from bot.evaluation.measurement import EvaluationRow, Measurement, Run, verdict

SUFFIXES = (".md", ".html")
# A line that `write_report` replaces by the chart.
_CHART = "CHART-STANDS-HERE\n"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|&~!$])")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#14202b;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.2rem .8rem .2rem 0;text-align:left;"
    "border-bottom:1px solid #e3e9ee;vertical-align:top}svg{max-width:100%;height:auto}"
)

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


def write_report(
    file: Path, run: Run, measured: Measurement, compared: Comparison | None = None
) -> list[Path]:
    """Write the report to `file`, for Markdown with an SVG chart beside it, and return the files written.

    Raises OSError.
    """
    runs = [(run.questions, measured.metrics)]
    if compared is not None:
        # Both may be of one file of questions.
        runs = [(f"before: {compared.baseline.name}", compared.baseline.metrics), ("now", measured.metrics)]
    chart = to_svg(runs, f"itubot on {run.questions}")
    if file.suffix == ".html":
        file.write_text(_page(to_markdown(run, measured, compared), chart), "utf-8")
        return [file]
    picture = file.with_suffix(".svg")
    picture.write_text(chart, "utf-8")
    # Spaces and brackets would end the target of a link.
    link = f"![The shares as bars](<{picture.name}>)\n"
    file.write_text(to_markdown(run, measured, compared).replace(_CHART, link), "utf-8")
    return [file, picture]


def to_markdown(run: Run, measured: Measurement, compared: Comparison | None = None) -> str:
    """Return the report, with the line `_CHART` in place of the chart."""
    counts = measured.counts
    about = [
        f"# Evaluation: {_plain(run.questions)}",
        "",
        f"{counts['questions']} questions, {counts['answered']} of them answered, by {_plain(run.model)}, as of "
        f"{run.as_of:%-d %B %Y}, from {_plain(', '.join(run.documents))}.",
        "",
        _CHART,
    ]
    parts = [*about, *_figures(measured, compared), *_spent(measured), *_sentences(measured)]
    if compared is not None:
        parts += _compared(compared)
    wrong = [f"{row.verdict}: {_plain(row.gold.question)}" for row in measured.rows if row.verdict != "right"]
    parts += _listed("Not answered as marked", wrong)
    return "\n".join(parts).rstrip("\n") + "\n"


def _figures(measured: Measurement, compared: Comparison | None) -> list[str]:
    before = compared.baseline.metrics if compared else {}
    head = "| measure | before | now | |" if compared else "| measure | |"
    lines = [head, "|---|---|---|---|" if compared else "|---|---|"]
    for name, value in measured.metrics.items():
        label = f"{SHARES[name]} (`{name}`)" if name in SHARES else f"`{name}`"
        if compared is None:
            lines.append(f"| {label} | {format_metric(name, value)} |")
        elif (old := before.get(name)) is None:
            lines.append(f"| {label} | | {format_metric(name, value)} | |")
        else:
            cells = (
                label,
                format_metric(name, old),
                format_metric(name, value),
                signed_change(name, old, value),
            )
            lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _spent(measured: Measurement) -> list[str]:
    lines = ["| milliseconds | half are within | 95 of 100 are within |", "|---|---|---|"]
    lines += [f"| {stage} | {at['p50']:.0f} | {at['p95']:.0f} |" for stage, at in measured.timings_ms.items()]
    if measured.tokens:
        counts = ", ".join(f"{count} {name}" for name, count in measured.tokens.items())
        lines += ["", f"Tokens of the model: {counts}."]
    return [*lines, ""]


def _sentences(measured: Measurement) -> list[str]:
    counts = measured.counts
    summary = [
        f"{counts['sentences']} sentences were delivered, {counts['model_sentences']} of them written by a model; "
        f"{counts['unsupported']} state a fact that what they cite lacks. Checks stopped {counts['removed']} others, "
        f"of which {counts['replaced']} were replaced by the documents' own sentences.",
        "",
    ]
    unsupported = [
        f"{_plain(s.violation.reason)}: {_plain(s.text)} ({_plain(row.gold.question)})"
        for row in measured.rows
        for s in row.sentences
        if s.violation
    ]
    removed = [f"{count} × {_plain(why)}" for why, count in measured.removed.items()]
    return [
        *summary,
        *_listed("Delivered with a fact that what they cite lacks", unsupported),
        *_listed("Stopped, by check", removed),
    ]


def _compared(compared: Comparison) -> list[str]:
    lines = [
        *_listed("Better", _changes(compared.better)),
        *_listed("Worse", _changes(compared.worse)),
        *_listed("Wrong in another way", _changes(compared.other)),
    ]
    if not lines:
        lines = ["No question is answered better or worse than before.", ""]
    if compared.new or compared.gone:
        lines += [f"{compared.new} questions were not asked before, {compared.gone} only then.", ""]
    return lines


def _changes(changes: Sequence[VerdictChange]) -> list[str]:
    return [f"{_plain(c.question)} ({c.before}, now {c.after})" for c in changes]


def _listed(heading: str, items: Iterable[str]) -> list[str]:
    listed = [f"- {item}" for item in items]
    return [f"## {heading}", "", *listed, ""] if listed else []


def format_metric(name: str, value: float) -> str:
    """Return a metric as tables show it."""
    return f"{value:.1f}" if name == "answer_words" else format_share(value)


def signed_change(name: str, old: float, new: float) -> str:
    """Return the change of a metric with its sign; "" for none."""
    change = new - old
    return "" if abs(change) < 0.0005 else f"{'+' if change > 0 else '−'}{format_metric(name, abs(change))}"


def _plain(text: str) -> str:
    """Return text in one line, escaped for Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _page(markdown: str, chart: str) -> str:
    # Needed for a page alone.
    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    title = html.escape(markdown.partition("\n")[0].removeprefix("# ").replace("\\", ""))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>{_STYLE}</style>\n'
        f"</head>\n<body>\n{body.replace(f'<p>{_CHART.strip()}</p>', chart)}</body>\n</html>\n"
    )


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier measurement: its metrics, and question -> (whether it was answered, the answer)."""

    name: str
    metrics: Mapping[str, float]
    answers: Mapping[str, tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A question with the verdicts on its answers, before and after."""

    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Questions that became right, became wrong, or are wrong in another way; `new` and `gone` count the rest."""

    baseline: Baseline
    better: tuple[VerdictChange, ...]
    worse: tuple[VerdictChange, ...]
    other: tuple[VerdictChange, ...]
    new: int
    gone: int


def read_baseline(path: Path) -> Baseline:
    """Return what `itubot eval --json` printed into a file. Raises QuestionError."""
    try:
        read = json.loads(path.read_bytes())
        metrics = {str(name): float(value) for name, value in read["metrics"].items()}
        answers = {str(r["question"]): (bool(r["answered"]), str(r["answer"])) for r in read["rows"]}
    except OSError as error:
        raise QuestionError(f"{path} cannot be read ({error.strerror or error})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise QuestionError(
            f"{path} is no measurement; `itubot eval QUESTIONS.jsonl --json` prints one"
        ) from None
    return Baseline(path.stem, metrics, answers)


def compare(rows: Sequence[EvaluationRow], baseline: Baseline) -> Comparison:
    """Return how the answers changed; both are judged by the questions as marked now."""
    changes = []
    for row in rows:
        before = baseline.answers.get(row.gold.question)
        if before is not None:
            changes.append(VerdictChange(row.gold.question, verdict(row.gold, *before), row.verdict))
    asked = {row.gold.question for row in rows}
    return Comparison(
        baseline,
        better=tuple(c for c in changes if c.after == "right" != c.before),
        worse=tuple(c for c in changes if c.before == "right" != c.after),
        other=tuple(c for c in changes if "right" != c.before != c.after != "right"),
        new=len(asked - baseline.answers.keys()),
        gone=len(baseline.answers.keys() - asked),
    )


def to_svg(runs: Sequence[tuple[str, Mapping[str, float]]], title: str) -> str:
    """Return a chart with a bar for each run (name, metrics) under each metric; the same bytes for the same figures."""
    # Takes a second to import, and is needed for a report alone.
    import matplotlib
    from matplotlib.figure import Figure

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


def format_share(share: float) -> str:
    """Return a share as tables show it: .964, 1.000."""
    return f"{share:.3f}".removeprefix("0") if share < 1 else f"{share:.3f}"


def _literal(text: str) -> str:
    # A "$" in a file's name is no mathematics.
    return text.replace("$", r"\$")
