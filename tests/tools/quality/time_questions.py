"""Measure questions about time, as people type them, over the bundled report and two later papers.

    python -m tests.tools.quality.time_questions FILE [--show] [--recorded] [--pending PENDING.jsonl]

With `--recorded` a capable model's replies, recorded once, are said again (`tests.recordings`); prompts that have no
record are written to the pending file.

A question is answered rightly where each group of `must` has a string in the answer and none of `must_not` is in it,
compared without case, with all dashes and all white space the same. Each is asked as of its own day.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from bot.commands.context import bundled
from bot.settings import load_settings
from bot.wiring import Services, build
from tests.model_server import NAME, serving
from tests.recordings import Recordings

_DATA = Path(__file__).parents[2] / "data"
PAPERS = ("council-digital-cooperation-2025.txt", "timetable-annex-2026.txt")


def main() -> None:
    """Print how many of each kind are right, and how many answers say what they must not."""
    parser = argparse.ArgumentParser(description="Measure questions about time.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print each answer that is not right")
    parser.add_argument("--recorded", action="store_true", help="ask with the recorded model")
    parser.add_argument("--pending", type=Path, help="where to write the prompts that have no record")
    arguments = parser.parse_args()
    right, asked, wrong = Counter[str](), Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings = load_settings().model_copy(update={"data_dir": Path(folder)})
        if arguments.recorded:
            recordings = Recordings(write_out=arguments.pending)
            os.environ.update(stack.enter_context(serving(recordings.reply)).environment)
            settings = settings.model_copy(update={"model": NAME})
        services = build(settings)
        services.shared.ingest([*bundled(), *(_DATA / "papers" / name for name in PAPERS)])
        for row, text, lacks, says in _asked(services, arguments.file):
            asked[row["kind"]] += 1
            right[row["kind"]] += not lacks and not says
            wrong += bool(says)
            if arguments.show and (lacks or says):
                _say(f"{row['id']} {row['as_of']} {row['question']}\n  {text}")
                _say(f"  lacks {[group[0] for group in lacks]}, says {says}")
    for kind in sorted(asked):
        _say(f"{kind:10} {right[kind]} of {asked[kind]}")
    _say(f"right {right.total()} of {asked.total()}; {wrong} say what they must not")


def _asked(
    services: Services, file: Path
) -> Iterator[tuple[dict[str, Any], str, list[list[str]], list[str]]]:
    """Yield each question's row, the answer, the groups that it lacks, and what it says that it must not."""
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        text = services.assistant.answer(row["question"], as_of=date.fromisoformat(row["as_of"])).text
        told = _plain(text)
        lacks = [group for group in row["must"] if not any(_plain(one) in told for one in group)]
        yield row, text, lacks, [one for one in row["must_not"] if _plain(one) in told]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\u2010-\u2015\u2212]", "-", text).casefold().split())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
