"""What capable language models wrote to the program's prompts, kept in tests/data/model and said again.

A reply is found by its question, its markers by the numbers of the paragraphs in the prompt, and a verdict by the
statement and its paragraphs: so they outlive changes of the prompts' words. Labels of dates are `label_recordings`'.
What has no record, and paragraphs that a prompt lacks, are kept in `missing`, questions that were replied to in
`answered`. With `write_out` an unknown prompt is written to a file instead, to be answered by a model that sees nothing
else:

    python -m tests.recordings PENDING.jsonl     # serves OpenAI's interface on loopback until its input ends
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.label_recordings import LabelRecordings, asks_for_labels, pending
from tests.model_server import serving

_FOLDER = Path(__file__).parent / "data" / "model"
_HEAD = re.compile(r"^\[(\d+)\] .*, paragraph (\S+)$", re.M)
_STATEMENT = re.compile(r"^Statement (\d+): (.*)$", re.M)
# A request to read a question, and what was said by people before it.
_READ = re.compile(
    r"^Day of asking: (?P<day>.*?)$.*?^Conversation before:\n\n(?P<before>.*)\n\nLast message[^:]*: (?P<question>.*)$",
    re.M | re.S,
)
_BY_USER = re.compile(r"^user: (.*)$", re.M)
_CITED = re.compile(r"\[§([^\]]+)\]")


def records(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file of tests/data/model."""
    return [json.loads(line) for line in (_FOLDER / name).read_text("utf-8").splitlines()]


def key(statement: str, sections: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return what a verdict is found by."""
    return " ".join(statement.split()), tuple(sorted(sections))


def read_key(request: str) -> tuple[str, ...] | None:
    """Return what a reading is found by: the day of asking, what people said before, and the question; else None."""
    asked = _READ.match(request)
    return (asked["day"], *_BY_USER.findall(asked["before"]), asked["question"].strip()) if asked else None


@dataclass
class Recordings:
    """Replies by question, verdicts by statement and paragraphs, readings by day, conversation and question."""

    replies: dict[str, str] = field(
        default_factory=lambda: {row["question"]: row["reply"] for row in records("replies.jsonl")}
    )
    verdicts: dict[tuple[str, tuple[str, ...]], str] = field(
        default_factory=lambda: {
            key(row["statement"], row["sections"]): row["verdict"] for row in records("verdicts.jsonl")
        }
    )
    readings: dict[tuple[str, ...], dict[str, Any]] = field(
        default_factory=lambda: {tuple(row["asked"]): row["reading"] for row in records("readings.jsonl")}
    )
    labels: LabelRecordings = field(default_factory=LabelRecordings.of)
    missing: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    write_out: Path | None = None

    def reply(self, messages: list[str]) -> str | dict[str, Any] | int:
        """Return the recorded reply to a prompt of the program, 404 where there is none."""
        request = messages[-1]
        if asks_for_labels(messages):
            return self._labels(messages)
        asked = read_key(request)
        if asked is not None and asked in self.readings:
            return self.readings[asked]
        if asked is not None:
            self.missing.append(f"no reading of {asked}")
            said = None
        else:
            said = self._said(request)
        if said is None:
            if self.write_out is not None:
                with self.write_out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
            return 404
        return said

    def _said(self, request: str) -> str | None:
        return self._verdicts(request) if _STATEMENT.search(request) else self._answer(request)

    def _labels(self, messages: list[str]) -> dict[str, Any] | int:
        labels = self.labels.reply(messages)
        if labels is not None:
            return labels
        if self.write_out is None:
            self.missing.append(f"no labels for {messages[-1][:200]!r}")
            return 404
        with self.write_out.open("a", encoding="utf-8") as file:
            file.write(pending(messages) + "\n")
        # A model that fails again and again is asked no more, and all prompts are wanted.
        return {"labels": []}

    def _answer(self, request: str) -> str | None:
        last = request.rpartition('"""')[2]
        # The translation behind a question in another language may be a question too.
        known = (q for q in self.replies if q in last)
        question = max(known, key=lambda q: (f": {q}" in last, len(q)), default=None)
        if question is None:
            self.missing.append(f"no reply to {last.strip()[-200:]!r}")
            return None
        self.answered.append(question)
        marker_of = {paragraph: marker for marker, paragraph in _HEAD.findall(request)}
        reply = self.replies[question]
        for paragraph in _CITED.findall(reply):
            if paragraph not in marker_of:
                self.missing.append(f"{question!r} was answered from paragraph {paragraph}")
        return _CITED.sub(lambda match: f"[{marker_of.get(match[1], 99)}]", reply)

    def _verdicts(self, request: str) -> str | None:
        lines, at = [], 0
        for match in _STATEMENT.finditer(request):
            sections = [paragraph for _, paragraph in _HEAD.findall(request[at : match.start()])]
            at = match.end()
            verdict = self.verdicts.get(key(match[2], sections))
            if verdict is None:
                self.missing.append(f"no verdict on {match[2]!r} of {sections}")
                return None
            lines.append(f"{match[1]} {verdict}")
        return "\n".join(lines)


def main() -> None:
    """Serve the recordings; write unknown prompts to the file named on the command line."""
    with serving(Recordings(write_out=Path(sys.argv[1])).reply) as server:
        for name, value in server.environment.items():
            print(f"export {name}={value}")
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
