"""A fake chat model: gives its replies in order and records its prompts."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from bot.models.chat import ChatModel, ReplyLimits


@dataclass
class Usage:
    """Token counts of the provider, of the reply or of this piece."""

    input: int
    output: int


# A text, or its pieces; an exception among them is raised, an event waited for, a count yielded.
Piece = str | Exception | threading.Event | Usage
Reply = str | list[Piece] | dict[str, Any]
"""A text, its pieces, or the calls that it asks for: {"calls": [(name, arguments), ...]}."""


@dataclass
class FakeChat:
    """Gives `replies` in order, the last one again and again; `asked` records (instructions, request) of each call.

    The request is all messages after the instructions. `offered` records the names of the tools of each request; a
    model that takes no tools has `takes_tools` false.

    `judged` records the requests for verdicts. `verdicts` maps a part of a statement to the reply, "yes" by default;
    these have no order, since several are requested at the same time.
    """

    replies: list[Reply]
    verdicts: dict[str, Reply] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    offered: list[list[str]] = field(default_factory=list)
    takes_tools: bool = True

    def make(self, name: str, **options: Any) -> BaseChatModel:
        """Return a chat model of langchain's with these replies."""
        self.options.append(options)
        return _Chat(fake=self)

    def model(self, limits: ReplyLimits | None = None) -> ChatModel:
        return ChatModel("fake:model", limits=limits, make=self.make)

    def next(self, messages: list[BaseMessage]) -> Reply:
        instructions, *others = (str(message.content) for message in messages)
        request = "\n\n".join(others)
        statements = re.findall(r"^Statement (\d+): (.*)$", request, re.M)
        if statements:
            self.judged.append(request)
            own = (reply for part, reply in self.verdicts.items() if part in statements[0][1])
            return next(own, "\n".join(f"{n} yes" for n, _ in statements))
        self.asked.append((instructions, request))
        return self.replies[min(len(self.asked), len(self.replies)) - 1]


class _Chat(BaseChatModel):
    fake: Any

    @property
    def _llm_type(self) -> str:
        return "fake"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        if not self.fake.takes_tools:
            raise NotImplementedError
        return self.bind(tools=tools)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        if not any("Statement 1:" in str(message.content) for message in messages):
            self.fake.offered.append([tool["function"]["name"] for tool in kwargs.get("tools", ())])
        reply = self.fake.next(messages)
        if isinstance(reply, dict):
            yield ChatGenerationChunk(message=AIMessageChunk("", tool_call_chunks=_chunks(reply["calls"])))
            return
        if not reply:
            yield ChatGenerationChunk(message=AIMessageChunk(""))
        for piece in [reply] if isinstance(reply, str) else reply:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, threading.Event):
                piece.wait(100)
                continue
            if isinstance(piece, Usage):
                counts = {"input_tokens": piece.input, "output_tokens": piece.output}
                total = piece.input + piece.output
                yield ChatGenerationChunk(
                    message=AIMessageChunk("", usage_metadata={**counts, "total_tokens": total})
                )
                continue
            for start in range(0, len(piece), 7):
                yield ChatGenerationChunk(message=AIMessageChunk(piece[start : start + 7]))


def _chunks(calls: list[tuple[str, Any]]) -> list[Any]:
    """Return calls as langchain has them; arguments that are a text are sent as they are."""
    return [
        {
            "type": "tool_call_chunk",
            "name": name,
            "args": arguments if isinstance(arguments, str) else json.dumps(arguments),
            "id": f"call{n}",
            "index": n,
        }
        for n, (name, arguments) in enumerate(calls)
    ]


class Refused(Exception):
    """An error as providers raise it, with the HTTP status."""

    def __init__(self, status_code: int, message: str = "no") -> None:
        super().__init__(message)
        self.status_code = status_code
