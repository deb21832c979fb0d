"""What capable language models wrote to the program's prompts, kept in tests/data/model and said again.

A reply is found by its question, its markers by labels of the items in the prompt, and a verdict by the statement and
its paragraphs: so they outlive changes of the prompts' words. `tests.tools.record_model` records replies with their
calls. No events are recorded: their dates are read plainly.
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

from tests.model_server import serving

_FOLDER = Path(__file__).parent / "data" / "model"
_HEAD = re.compile(r"^\[(\d+)\] .*, paragraph (\S+)$", re.M)
_STATEMENT = re.compile(r"^Statement (\d+): (.*)$", re.M)
_CITED = re.compile(r"\[(§[^\]]+|R [^\]]+|D [^\]]+|C [^\]]+|about)\]")
# The first line of each kind of item in a prompt, and what labels it in a record.
_ITEM = re.compile(
    r"^\[(?P<n>\d+)\] (?:(?P<paragraph>.*, paragraph (?P<number>\S+))|Register, [^:]*: (?P<date>.*)"
    r"|Document: (?P<document>.*)|Change: (?P<change>.*)|(?P<about>About this assistant): .*)$",
    re.M,
)
_QUESTION = re.compile(r"^Message \([^)]*\): (?P<question>.*)$", re.M | re.S)
_EVENTS = re.compile(r"^Known events with similar names: ", re.M)
_LABEL_CHARS = 60
_MARKER = re.compile(r"\[(\d+)\]")


def labels(messages: list[str]) -> dict[str, str]:
    """Return number -> label of the items in the messages of a conversation with the model.

    A paragraph's is its number, and the title of its document where several have that number.
    """
    found = [match for message in messages for match in _ITEM.finditer(message)]
    numbers = [match["number"] for match in found if match["number"]]
    named: dict[str, str] = {}
    for match in found:
        if match["number"]:
            one = numbers.count(match["number"]) == 1
            label = (
                f"§{match['number']}" if one else f"§{match['number']} {match['paragraph'][:_LABEL_CHARS]}"
            )
        elif match["date"]:
            label = f"R {match['date'].partition(' It says: ')[0][:_LABEL_CHARS]}"
        elif match["document"]:
            label = f"D {match['document'][:_LABEL_CHARS]}"
        elif match["change"]:
            label = f"C {match['change'][:_LABEL_CHARS]}"
        else:
            label = "about"
        named.setdefault(match["n"], label.translate(str.maketrans("[]", "()")))
    return named


def labelled(reply: str, messages: list[str]) -> str:
    """Return a reply with the labels of items in place of their numbers."""
    own = labels(messages)
    return _MARKER.sub(lambda match: f"[{own.get(match[1], match[1])}]", reply)


def round_of(messages: list[str], rounds: list[dict[str, Any]]) -> int:
    """Return how many rounds of calls a conversation has: each adds the call and a message for each result."""
    length, place = 2, 0
    while place < len(rounds) and length < len(messages):
        length += 1 + len(rounds[place].get("calls", ()))
        place += 1
    return place


def question_of(messages: list[str]) -> str:
    """Return the question of a conversation with the model, which its first request to answer has last."""
    found = next(filter(None, map(_QUESTION.search, messages)))
    return found["question"].strip()


def records(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file of tests/data/model."""
    return [json.loads(line) for line in (_FOLDER / name).read_text("utf-8").splitlines()]


def key(statement: str, sections: list[str]) -> tuple[str, tuple[str, ...]]:
    """Return what a verdict is found by."""
    return " ".join(statement.split()), tuple(sorted(sections))


@dataclass
class Recordings:
    """Replies by question, with the calls before them, and verdicts by statement and paragraphs."""

    replies: dict[str, str] = field(
        default_factory=lambda: {row["question"]: row["reply"] for row in records("replies.jsonl")}
    )
    rounds: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {row["question"]: row["rounds"] for row in records("rounds.jsonl")}
    )
    verdicts: dict[tuple[str, tuple[str, ...]], str] = field(
        default_factory=lambda: {
            key(row["statement"], row["sections"]): row["verdict"] for row in records("verdicts.jsonl")
        }
    )
    missing: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    write_out: Path | None = None

    def reply(self, messages: list[str]) -> str | dict[str, Any] | int:
        """Return the recorded reply to a prompt of the program, 404 where there is none."""
        request = messages[-1]
        if _EVENTS.search(request):
            return 404
        said = self._verdicts(request) if _STATEMENT.search(request) else self._answer(messages)
        if said is None:
            if self.write_out is not None:
                with self.write_out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
            return 404
        return said

    def _answer(self, messages: list[str]) -> str | dict[str, Any] | None:
        """Return the reply of the round that a conversation is in, with the numbers that its items have now."""
        question = question_of(messages)
        rounds = self.rounds.get(question) or [{"reply": self.replies.get(question)}]
        place = round_of(messages, rounds)
        if place >= len(rounds) or rounds[place].get("reply", "") is None:
            self.missing.append(f"no reply to {question!r}")
            return None
        if "calls" in rounds[place]:
            return {"calls": rounds[place]["calls"]}
        self.answered.append(question)
        number_of = {label: number for number, label in labels(messages).items()}

        def numbered(match: re.Match[str]) -> str:
            if match[1] not in number_of:
                self.missing.append(f"{question!r} was answered from {match[1]}")
            return f"[{number_of.get(match[1], 99)}]"

        return _CITED.sub(numbered, str(rounds[place]["reply"]))

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
