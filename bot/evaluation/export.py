"""A measurement as JSON: what `itubot eval --json` prints, and what a later run is compared with."""

from __future__ import annotations

from typing import Any

from bot.evaluation.measurement import Measurement, Row, verdict
from bot.evaluation.report import Run


def to_json(run: Run, measured: Measurement) -> dict[str, Any]:
    """Return the JSON object; every figure of the report can be worked out from its rows."""
    return {
        "metrics": {name: round(value, 4) for name, value in measured.metrics.items()},
        "counts": dict(measured.counts),
        "timings_ms": {stage: dict(at) for stage, at in measured.timings_ms.items()},
        "tokens": dict(measured.tokens),
        "removed": dict(measured.removed),
        "questions": run.questions,
        "model": run.model,
        "as_of": run.as_of.isoformat(),
        "documents": list(run.documents),
        "rows": [_row(row) for row in measured.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    answer = row.answer.to_json()
    return {
        "question": row.gold.question,
        "ranked": [{"source": source, "section": section} for source, section in row.ranked],
        "answered": row.answer.answered,
        "answer": row.answer.text,
        "verdict": verdict(row.gold, row.answer.answered, row.answer.text),
        "confidence": row.answer.confidence,
        "reason": row.answer.reason,
        "citations": answer["citations"],
        "model": row.answer.model,
        "sentences": [
            {
                "text": sentence.text,
                "markers": list(sentence.markers),
                "own": sentence.own,
                "check": sentence.violation.check if sentence.violation else None,
                "why": sentence.violation.reason if sentence.violation else None,
            }
            for sentence in row.sentences
        ],
        "removed": answer["removed"],
        "tokens": answer.get("tokens"),
        "timings_ms": answer["timings_ms"],
    }
