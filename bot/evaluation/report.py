"""The report of a measurement, in Markdown or HTML, compared with an earlier one if given."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.evaluation.chart import SHARES, format_share, to_svg
from bot.evaluation.comparison import Comparison, VerdictChange
from bot.evaluation.measurement import Measurement, Run

SUFFIXES = (".md", ".html")
# A line that `write_report` replaces by the chart.
_CHART = "CHART-STANDS-HERE\n"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|&~!$])")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#14202b;max-width:52rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.2rem .8rem .2rem 0;text-align:left;"
    "border-bottom:1px solid #e3e9ee;vertical-align:top}svg{max-width:100%;height:auto}"
)


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
