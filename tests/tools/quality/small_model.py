"""Asks the small model marked questions, through the program's own path, and checks what is delivered twice.

    python -m tests.tools.quality.small_model FILE [--times N] [--record REPLIES.jsonl] [--output FILE] [--keep]

What the model says is kept with `--record`, a question and its reply a line: tests/bot/test_small_model_replies.py
holds the verification to it without the model.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.evaluation.measurement import EvaluationRow, evaluate, measure
from bot.evaluation.questions import GoldQuestion, passages_of, read_questions
from bot.llm import ReplyLimits
from bot.llm.chat_model import make_chat
from bot.settings import Settings
from bot.wiring import Services, build
from tests import small_model
from tests.bot.gold_runs import AS_OF, pattern_violations, with_model
from tests.conftest import REPORT
from tests.tools.quality.evaluation_page import render, save_figures

# The machine may be busy; what is measured is what the model says, not how long it takes. A text that goes round in
# circles is as bad after 1,000 characters as after 12,000.
PATIENT = ReplyLimits(total=300.0, attempt=300.0, stall=240.0, characters=1000)


@dataclass
class Recorder:
    """Makes chat models that keep what they said: `replies` holds (request, text), judgements too."""

    replies: list[tuple[str, str]] = field(default_factory=list)

    def make(self, name: str, **options: Any) -> Any:
        return _Recorded(make_chat(name, **options), self.replies)


@dataclass
class _Recorded:
    chat: Any
    replies: list[tuple[str, str]]

    def stream(self, input: Any, config: Any = None) -> Iterator[Any]:
        said: list[str] = []
        try:
            for chunk in self.chat.stream(input, config):
                said.append(str(chunk.content))
                yield chunk
        finally:
            self.replies.append((str(input[1].content), "".join(said)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument(
        "--times", type=int, default=1, help="how often each question is asked, one after the other"
    )
    parser.add_argument("--record", type=Path, help="keep what the model said")
    parser.add_argument("--output", type=Path, help="keep the figures of each run, after every question")
    parser.add_argument(
        "--keep", action="store_true", help="put the figures into docs/explanation/evaluation.md"
    )
    chosen = parser.parse_args()
    questions = [question for file in chosen.questions for question in read_questions(file)]
    with tempfile.TemporaryDirectory() as folder, small_model.served() as url:
        os.environ.update(OPENAI_BASE_URL=url, OPENAI_API_KEY="none")
        stored = build(Settings(data_dir=Path(folder), _env_file=None))
        stored.shared.ingest([REPORT])
        recorder = Recorder()
        services = with_model(stored, small_model.NAME, recorder.make, PATIENT)
        runs: list[list[EvaluationRow]] = [[] for _ in range(chosen.times)]
        results: list[dict[str, Any]] = []
        for asked, gold in enumerate(questions, start=1):
            # The server has a prompt in mind that it has just read: the second time costs what the reply costs.
            for rows in runs:
                rows += evaluate(services.assistant, [gold], passages_of(services.catalog), AS_OF)
                _told(asked, rows[-1])
            results = [summary(services, rows) for rows in runs]
            _write(chosen, recorder, questions, results)
    figures = combined(results)
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    if chosen.keep:
        save_figures({"small_model": figures})
        render()


def summary(services: Services, rows: Sequence[EvaluationRow]) -> dict[str, Any]:
    """Return what came of one run, as far as it went."""
    measured = measure(rows, REPORT.name)
    return {
        "metrics": {name: round(value, 4) for name, value in measured.metrics.items()},
        "counts": dict(measured.counts),
        "tokens": dict(measured.tokens),
        "timings_ms": measured.timings_ms,
        "removed": dict(measured.removed),
        "second_check": pattern_violations(services, rows),
        "delivered": [row.answer.text for row in rows if row.answer.judged is not None],
    }


def combined(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of several runs: means of shares and of times, sums of what is counted."""

    def summed(name: str) -> dict[str, int]:
        total: Counter[str] = Counter()
        for run in runs:
            total.update(run[name])
        return dict(total.most_common())

    names = runs[0]["metrics"]
    return {
        "questions": runs[0]["counts"]["questions"],
        "times": len(runs),
        "metrics": {n: round(sum(run["metrics"][n] for run in runs) / len(runs), 4) for n in names},
        "counts": summed("counts"),
        "tokens": summed("tokens"),
        "removed": summed("removed"),
        "second_check": sum(len(run["second_check"]) for run in runs),
        "seconds": {
            p: round(sum(run["timings_ms"]["total"][p] for run in runs) / len(runs) / 1000, 1)
            for p in ("p50", "p95")
        },
    }


def _told(number: int, row: EvaluationRow) -> None:
    answer = row.answer
    seconds = answer.timings_ms.get("total", 0) / 1000
    print(f"{number:3} {seconds:6.1f} s  {answer.model}  {row.gold.question}", flush=True)
    if answer.judged is not None:
        print(f"              {answer.text}", flush=True)


def _write(
    chosen: argparse.Namespace,
    recorder: Recorder,
    questions: Sequence[GoldQuestion],
    results: Sequence[dict[str, Any]],
) -> None:
    if chosen.output:
        chosen.output.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", "utf-8")
    if chosen.record:
        lines = [
            json.dumps({"question": gold.question, "reply": reply}, ensure_ascii=False)
            for gold in questions
            for request, reply in recorder.replies
            if f": {gold.question}\n" in request
        ]
        chosen.record.write_text("".join(f"{line}\n" for line in dict.fromkeys(lines)), "utf-8")


if __name__ == "__main__":
    main()
