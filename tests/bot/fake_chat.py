"""A chat model with a memory: it says what it was given, in order, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.model import LanguageModel, Limits


@dataclass
class Usage:
    """What the provider counts, so far or in this part."""

    input: int
    output: int


# A reply: a text, or pieces of which some may be exceptions (raised there), events (waited for there) or counts.
Piece = str | Exception | threading.Event | Usage
Reply = str | list[Piece]


@dataclass
class Chunk:
    content: Any
    usage_metadata: dict[str, int] | None = None


@dataclass
class FakeChat:
    """`asked` holds (instructions, request) of every call; the last reply is given again and again."""

    replies: list[Reply]
    asked: list[tuple[str, str]] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)

    def stream(self, messages: list[tuple[str, str]]) -> Iterator[Chunk]:
        self.asked.append((messages[0][1], messages[1][1]))
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        for piece in [reply] if isinstance(reply, str) else reply:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, threading.Event):
                piece.wait(30)
                continue
            if isinstance(piece, Usage):
                yield Chunk("", {"input_tokens": piece.input, "output_tokens": piece.output})
                continue
            for start in range(0, len(piece), 7):
                yield Chunk(piece[start : start + 7])

    def model(self, limits: Limits | None = None) -> LanguageModel:
        def make(name: str, **options: Any) -> FakeChat:
            self.options.append(options)
            return self

        return LanguageModel("fake:model", limits or Limits(pause=0.0), make)


class Refused(Exception):
    """As providers raise it: with the HTTP state."""

    def __init__(self, status_code: int, message: str = "no") -> None:
        super().__init__(message)
        self.status_code = status_code
