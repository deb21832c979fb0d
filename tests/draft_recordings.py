"""What a capable language model said to the prompts for drafts and briefs, kept in tests/data/drafts and said again.

A claim is found by its sentence, a ruling by the statement and its paragraphs, or the record of the statement that has
at least half of the paragraphs in common, a part of a brief by the topic and the part: so they outlive changes of the
prompts' words, and of a paragraph that has nothing to do with it. `missing` are the prompts without a record.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import ModelError

DRAFTS = Path(__file__).parent / "data" / "drafts"
_SENTENCE = re.compile(r"^Sentence (\d+): (.*)$", re.M)
_STATEMENT = re.compile(r"^Statement (\d+): (.*)$", re.M)
_HEAD = re.compile(r"^\[(\d+)\] .*?(?:, (\S+/\S+))?(?:, \d{1,2} \w+ \d{4})?, paragraph (\S+)$", re.M)
# Of three paragraphs two: the share of those that either has.
_LEAST_SHARED = 0.5
_PART = re.compile(r"^Topic of the brief: (.*)\n\nPart wanted: (.*)$", re.M)
_CITED = re.compile(r"\[§([^\]]+)\]")


def places(text: str) -> list[tuple[str, str]]:
    """Return (marker, "symbol paragraph") of the passages in a prompt."""
    return [(marker, f"{symbol} {paragraph}") for marker, symbol, paragraph in _HEAD.findall(text)]


@dataclass
class DraftRecordings:
    """The records of one set. Stands in the place of a `ChatModel`."""

    claims: dict[str, str] = field(default_factory=dict)
    rulings: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    parts: dict[tuple[str, str], str] = field(default_factory=dict)
    missing: list[list[str]] = field(default_factory=list)
    name: str = "recorded:model"

    @classmethod
    def of(cls, name: str) -> DraftRecordings:
        """Return the records of tests/data/drafts/`name`."""
        rows = [
            json.loads(line) for line in (DRAFTS / name / "replies.jsonl").read_text("utf-8").splitlines()
        ]
        return cls(
            claims={row["sentence"]: row["claim"] for row in rows if "claim" in row},
            rulings={
                (row["statement"], tuple(row["passages"])): row["ruling"] for row in rows if "ruling" in row
            },
            parts={(row["topic"], row["part"]): row["reply"] for row in rows if "reply" in row},
        )

    def ask(self, messages: Any, config: Any = None, limits: Any = None) -> str:
        """Return the recorded reply. Raises ModelError where there is none."""
        prompt = [str(message.content) for message in messages]
        said = self._said(prompt[-1])
        if said is None:
            self.missing.append(prompt)
            raise ModelError("there is no record")
        return said

    def _said(self, request: str) -> str | None:
        if _SENTENCE.search(request):
            return self._lines((number, self.claims.get(text)) for number, text in _SENTENCE.findall(request))
        if (asked := _PART.search(request)) is not None:
            reply = self.parts.get((asked[1], asked[2]))
            marker = {place: number for number, place in places(request)}
            return None if reply is None else _CITED.sub(lambda m: f"[{marker.get(m[1], 99)}]", reply)
        found, at = [], 0
        for match in _STATEMENT.finditer(request):
            passages = tuple(sorted(place for _, place in places(request[at : match.start()])))
            at = match.end()
            found.append((match[1], self._ruling(match[2], passages)))
        return self._lines(found)

    def _ruling(self, statement: str, passages: tuple[str, ...]) -> str | None:
        """Return the ruling on a statement by these paragraphs, or by those that have most of them."""

        def shared(others: tuple[str, ...]) -> float:
            return len({*others} & {*passages}) / len({*others} | {*passages})

        own = [
            (shared(others), ruling) for (text, others), ruling in self.rulings.items() if text == statement
        ]
        share, ruling = max(own, default=(0.0, None))
        return ruling if share >= _LEAST_SHARED else None

    @staticmethod
    def _lines(said: Any) -> str | None:
        lines = [(number, text) for number, text in said]
        return (
            None if any(text is None for _, text in lines) else "\n".join(f"{n} {text}" for n, text in lines)
        )
