"""Asks the small model marked questions, through the program's own path, and checks what is delivered twice.

    python -m tests.quality.small_model QUESTIONS.jsonl [--times N] [--record REPLIES.jsonl] [--output FILE.json]

What the model says is kept with `--record`, a question and its reply a line: tests/bot/test_small_model_replies.py
holds the verification to it without the model.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.evaluation import GoldQuestion, Row, read_questions
from bot.model import Chat, Limits, make_chat
from bot.settings import Settings
from bot.wiring import build
from tests import small_model
from tests.bot.gold_runs import asked, second_opinion, with_model
from tests.conftest import REPORT

# The machine may be busy; what is measured is what the model says, not how long it takes. A text that goes round in
# circles is as bad after 1,500 characters as after 12,000.
PATIENT = Limits(total=300.0, stall=240.0, attempts=1, characters=1500)


@dataclass
class Recorder:
    """Makes chat models that keep what they said: `replies` holds (request, text)."""

    replies: list[tuple[str, str]] = field(default_factory=list)

    def make(self, name: str, **options: Any) -> Chat:
        return _Recorded(make_chat(name, **options), self.replies)


@dataclass
class _Recorded:
    chat: Chat
    replies: list[tuple[str, str]]

    def stream(self, input: Any) -> Iterator[Any]:
        said: list[str] = []
        try:
            for chunk in self.chat.stream(input):
                said.append(str(chunk.content))
                yield chunk
        finally:
            self.replies.append((input[1][1], "".join(said)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    questions = [question for file in chosen.questions for question in read_questions(file)]
    with tempfile.TemporaryDirectory() as folder, small_model.served() as url:
        os.environ.update(OPENAI_BASE_URL=url, OPENAI_API_KEY="none")
        stored = build(Settings(data_dir=Path(folder), _env_file=None))
        stored.ingest([REPORT])
        results = []
        for run in range(1, chosen.times + 1):
            recorder = Recorder()
            services = with_model(stored, small_model.NAME, recorder.make, PATIENT)
            began = time.perf_counter()
            measured = asked(services, questions, _told)
            summary = {
                "run": run,
                "seconds": round(time.perf_counter() - began),
                "asked_of_the_model": len(recorder.replies),
                "metrics": {name: round(value, 4) for name, value in measured.metrics.items()},
                "counts": dict(measured.counts),
                "tokens": dict(measured.tokens),
                "timings_ms": measured.timings_ms,
                "removed": measured.removed,
                "second_check": second_opinion(services, measured.rows),
            }
            print(json.dumps(summary, ensure_ascii=False, indent=2), flush=True)
            results.append(summary)
            if chosen.record:
                _record(chosen.record, recorder, questions)
            if chosen.output:
                chosen.output.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _told(row: Row) -> None:
    answer = row.answer
    print(
        f"{answer.timings_ms.get('total', 0) / 1000:6.1f} s  {answer.model}  {row.gold.question}", flush=True
    )
    if answer.answered and answer.model != "extractive":
        print(f"          {answer.text}", flush=True)


def _record(file: Path, recorder: Recorder, questions: Sequence[GoldQuestion]) -> None:
    lines = [
        json.dumps({"question": gold.question, "reply": reply}, ensure_ascii=False)
        for gold in questions
        for request, reply in recorder.replies
        if f": {gold.question}\n" in request
    ]
    file.write_text("\n".join(dict.fromkeys(lines)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
