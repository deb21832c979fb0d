"""A chat model, asked for a text: streamed, with time limits, and asked again where that may help.

The one module that makes langchain's chat models. Which provider and model is its name, `provider:model`; keys and
base URLs (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, ...) are read by the provider's own package.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bot.errors import ModelError

_log = logging.getLogger(__name__)

# HTTP states after which the same request may succeed.
_PASSING = frozenset({408, 409, 425, 429})


class Chat(Protocol):
    """What is used of a langchain chat model: `stream` yields chunks with `content`."""

    def stream(self, input: Any) -> Iterable[Any]: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for the whole answer, and between two pieces of it; how often it is asked, and the first pause between.

    Of a text longer than `characters` the rest is not read.
    """

    total: float = 40.0
    stall: float = 20.0
    attempts: int = 3
    pause: float = 0.5
    characters: int = 12_000


class LanguageModel:
    """A chat model by name. Safe between threads; made when it is first asked."""

    def __init__(
        self, name: str, limits: Limits | None = None, make: Callable[..., Chat] | None = None
    ) -> None:
        self.name = name
        self._limits = limits or Limits()
        self._make = make or make_chat
        self._lock = threading.Lock()
        self._chat: Chat | None = None
        self._plain = False

    def stream(self, instructions: str, request: str) -> Iterator[str]:
        """Yield the text in pieces. Raises ModelError, also after some pieces.

        It is asked again only as long as nothing has come.
        """
        ends = time.monotonic() + self._limits.total
        pause = self._limits.pause
        for attempt in range(1, self._limits.attempts + 1):
            came = False
            try:
                for piece in self._once([("system", instructions), ("human", request)], ends):
                    came = True
                    yield piece
                return
            except ModelError as error:
                last = attempt == self._limits.attempts or time.monotonic() + pause >= ends
                if came or error.permanent or last:
                    raise
                _log.warning("the model %s is asked again: %s", self.name, error)
            # An event nobody sets: a pause that blocks no other thread.
            threading.Event().wait(pause)
            pause *= 2

    def _once(self, messages: list[tuple[str, str]], ends: float) -> Iterator[str]:
        pieces: queue.Queue[str | Exception | None] = queue.Queue()
        left = threading.Event()
        threading.Thread(
            target=self._pump, args=(messages, pieces, left), name="language model", daemon=True
        ).start()
        length = 0
        try:
            while length < self._limits.characters:
                wait = min(self._limits.stall, ends - time.monotonic())
                try:
                    piece = pieces.get(timeout=max(0.0, wait))
                except queue.Empty:
                    raise ModelError(
                        f"{self.name} did not go on within {max(wait, 0.0):.1f} seconds"
                    ) from None
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise _failure(self.name, piece) from piece
                length += len(piece)
                yield piece
        finally:
            left.set()

    def _pump(
        self,
        messages: list[tuple[str, str]],
        pieces: queue.Queue[str | Exception | None],
        left: threading.Event,
    ) -> None:
        try:
            for chunk in self._ready().stream(messages):
                if left.is_set():
                    return
                text = text_of(chunk.content)
                if text:
                    pieces.put(text)
            pieces.put(None)
        except Exception as error:
            # Every provider has exceptions of its own; all of them end the same way.
            self._note(error)
            pieces.put(error)

    def _ready(self) -> Chat:
        with self._lock:
            if self._chat is None:
                own = {} if self._plain else {"temperature": 0}
                self._chat = self._make(self.name, timeout=self._limits.total, **own)
            return self._chat

    def _note(self, error: Exception) -> None:
        # Models that reason refuse a temperature: the next attempt goes without.
        if "temperature" in str(error).casefold() and not self._plain:
            with self._lock:
                self._plain, self._chat = True, None


def make_chat(name: str, **options: Any) -> Chat:
    """Return langchain's chat model of this name. Raises ImportError, and what the provider raises without its key."""
    # Takes a second, and is not needed where no model is set.
    from langchain.chat_models import init_chat_model

    # It is asked again by us, within one limit of time.
    chat: Chat = init_chat_model(name, max_retries=0, **options)
    return chat


def text_of(content: object) -> str:
    """Return the text of a chunk's content: a string, or blocks of which some are text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(
        block if isinstance(block, str) else str(block.get("text") or "")
        for block in content
        if isinstance(block, str) or (isinstance(block, dict) and block.get("type", "text") == "text")
    )


def _failure(name: str, error: Exception) -> ModelError:
    if isinstance(error, ImportError):
        provider = name.partition(":")[0]
        return ModelError(
            f"{name} needs langchain's package for {provider}: pip install 'itubot[{provider}]'",
            permanent=True,
        )
    state = getattr(error, "status_code", None)
    permanent = isinstance(state, int) and 400 <= state < 500 and state not in _PASSING
    # The message of an exception may hold keys and prompts: only its kind is repeated.
    kind = f"{type(error).__name__}{f' {state}' if isinstance(state, int) else ''}"
    return ModelError(
        f"{name} failed ({kind})", permanent=permanent and "temperature" not in str(error).casefold()
    )
