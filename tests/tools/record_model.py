"""Record what a capable language model replies to the program's prompts, which somebody else writes as files.

    python -m tests.tools.record_model QUESTIONS.jsonl DATA_DIR FOLDER [--set NAME]

All questions are asked at once. Each request is written to FOLDER/<place>-<round>.request.txt; whoever plays the model
writes the reply beside it: <place>-<round>.reply.txt, either the text of the answer, or a line for each call, as in
CALL list_events {"period": "next 30 days"}. FOLDER/records.jsonl then has what was replied, under the labels of the
items (`tests.recordings`). Statements are not judged meanwhile: their verdicts are recorded apart.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from bot.results import Answered
from bot.settings import Settings
from bot.wiring import Services, build
from tests.model_server import NAME, serving
from tests.recordings import labelled, question_of

# The most that the setting takes.
_PATIENCE = 900
_LOOK_EVERY = 0.5


class Exchange:
    """Writes requests to files, and waits for the replies beside them."""

    def __init__(self, folder: Path, places: dict[str, int]) -> None:
        self._folder = folder
        self._places = places
        self.recorded: dict[str, list[Any]] = {}

    def reply(self, messages: list[str]) -> Iterator[str | dict[str, Any]]:
        """Yield the reply to a request, once somebody has written it, and before that nothing, now and then."""
        question = question_of(messages)
        rounds = self.recorded.setdefault(question, [])
        name = f"{self._places[question]:03}-{len(rounds)}"
        request = self._folder / f"{name}.request.txt"
        request.with_suffix(".new").write_text("\n\n=====\n\n".join(messages), "utf-8")
        request.with_suffix(".new").rename(request)
        path = self._folder / f"{name}.reply.txt"
        while not path.exists():
            time.sleep(_LOOK_EVERY)
            yield ""
        time.sleep(_LOOK_EVERY)
        text = path.read_text("utf-8").strip()
        lines = [line for line in text.splitlines() if line.startswith("CALL ")]
        if lines:
            calls = [_call(line) for line in lines]
            rounds.append({"calls": calls})
            yield {"calls": calls}
            return
        rounds.append({"reply": labelled(text, messages)})
        yield text


def _call(line: str) -> dict[str, Any]:
    _word, name, arguments = [*line.split(" ", 2), "{}"][:3]
    return {"name": name, "arguments": json.loads(arguments or "{}")}


def _ask(services: Services, row: dict[str, Any]) -> dict[str, Any]:
    as_of = date.fromisoformat(row.get("as_of", "2024-05-01"))
    answer = services.assistant.answer(row["question"], as_of=as_of)
    return {"question": row["question"], **Answered.model_validate(answer).model_dump(mode="json")}


def main() -> None:
    """Ask the questions, and add what was replied to the records."""
    parser = argparse.ArgumentParser(description="Record a capable model's replies.")
    parser.add_argument("questions", type=Path)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--set", default="recorded")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.questions.read_text("utf-8").splitlines() if line.strip()]
    given.folder.mkdir(parents=True, exist_ok=True)
    exchange = Exchange(given.folder, {row["question"]: n for n, row in enumerate(rows, start=1)})
    with serving(exchange.reply) as server:
        os.environ.update(server.environment)
        settings = Settings(
            data_dir=given.data_dir, model=NAME, judge="none", model_seconds=_PATIENCE, _env_file=None
        )
        services = build(settings)
        with ThreadPoolExecutor(len(rows)) as pool:
            answers = list(pool.map(lambda row: _ask(services, row), rows))
    (given.folder / "answers.jsonl").write_text(
        "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in answers), "utf-8"
    )
    records = given.folder / "records.jsonl"
    records.write_text(
        "".join(
            json.dumps({"set": given.set, "question": q, "rounds": rounds}, ensure_ascii=False) + "\n"
            for q, rounds in exchange.recorded.items()
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main()
