"""A chat model, asked for a text: streamed, with time limits, and asked again where that may help.

The one module that makes langchain's chat models. Which provider and model is its name, `provider:model`; keys and
base URLs (`OPENAI_API_KEY`, `OPENAI_BASE_URL`, ...) are read by the provider's own package.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bot.answer import Tokens
from bot.errors import ModelError

_log = logging.getLogger(__name__)

# HTTP states after which the same request may succeed.
_PASSING = frozenset({408, 409, 425, 429})
# The extras of this project that bring a provider's package, by langchain's name of the provider.
EXTRAS = {
    "anthropic": "anthropic",
    "azure_openai": "azure",
    "google_genai": "google",
    "mistralai": "mistral",
    "ollama": "ollama",
    "openai": "openai",
}
_PACKAGE = re.compile(r"langchain[-_]\w+(?:[-_]\w+)*")
_NO_PROVIDER = re.compile(r"Unsupported provider|Unable to infer model provider")
_OPTIONAL = re.compile(r"temperature|stream_options|include_usage", re.I)
# Characters of English that make about one token.
CHARACTERS_A_TOKEN = 4

Counted = Callable[[Tokens], None]
Texts = Generator[str, None, None]


class Chat(Protocol):
    """What is used of a langchain chat model: `stream` yields chunks with `content`, some with `usage_metadata`."""

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


@dataclass(frozen=True, slots=True)
class _Usage:
    """Tokens as the provider counts them, or a part of them."""

    input: int = 0
    output: int = 0


class _NotMade(Exception):
    """The chat model could not be made: its package, its key or its name is wrong."""


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

    def stream(
        self, instructions: str, request: str, *, counted: Counted | None = None, limits: Limits | None = None
    ) -> Texts:
        """Yield the text in pieces. Raises ModelError, also after some pieces.

        It is asked again only as long as nothing has come. `counted` is told at the end, or where the reader stops,
        how many tokens went in and out; `limits` are for this text alone.
        """
        limits = limits or self._limits
        ends = time.monotonic() + limits.total
        pause = limits.pause
        for attempt in range(1, limits.attempts + 1):
            came = False
            try:
                for piece in self._once(
                    [("system", instructions), ("human", request)], ends, limits, counted
                ):
                    came = True
                    yield piece
                return
            except ModelError as error:
                last = attempt == limits.attempts or time.monotonic() + pause >= ends
                if came or error.permanent or last:
                    raise
                _log.warning("the model %s is asked again: %s", self.name, error)
            # An event nobody sets: a pause that blocks no other thread.
            threading.Event().wait(pause)
            pause *= 2

    def _once(
        self, messages: list[tuple[str, str]], ends: float, limits: Limits, counted: Counted | None
    ) -> Iterator[str]:
        pieces: queue.Queue[str | _Usage | Exception | None] = queue.Queue()
        left = threading.Event()
        threading.Thread(
            target=self._pump, args=(messages, pieces, left), name="language model", daemon=True
        ).start()
        length, usage, whole = 0, _Usage(), False
        try:
            while length < limits.characters:
                wait = min(limits.stall, ends - time.monotonic())
                try:
                    piece = pieces.get(timeout=max(0.0, wait))
                except queue.Empty:
                    raise ModelError(
                        f"{self.name} did not go on within {max(wait, 0.0):.1f} seconds"
                    ) from None
                if piece is None:
                    whole = True
                    return
                if isinstance(piece, Exception):
                    raise _failure(self.name, piece) from piece
                if isinstance(piece, _Usage):
                    usage = _Usage(usage.input + piece.input, usage.output + piece.output)
                    continue
                length += len(piece)
                yield piece
        finally:
            left.set()
            if counted is not None and (whole or length):
                counted(_tokens(usage, messages, length, whole=whole))

    def _pump(
        self,
        messages: list[tuple[str, str]],
        pieces: queue.Queue[str | _Usage | Exception | None],
        left: threading.Event,
    ) -> None:
        try:
            for chunk in self._ready().stream(messages):
                if left.is_set():
                    return
                text = text_of(chunk.content)
                if text:
                    pieces.put(text)
                usage = getattr(chunk, "usage_metadata", None)
                if usage:
                    pieces.put(_Usage(usage.get("input_tokens", 0), usage.get("output_tokens", 0)))
            pieces.put(None)
        except Exception as error:
            # Every provider has exceptions of its own; all of them end the same way.
            self._note(error)
            pieces.put(error)

    def prepare(self) -> None:
        """Make the chat model; nothing is sent. Raises ModelError where its package, its key or its name is wrong."""
        try:
            self._ready()
        except _NotMade as error:
            raise _failure(self.name, error) from error

    def _ready(self) -> Chat:
        with self._lock:
            if self._chat is None:
                own = {} if self._plain else _options(self.name)
                try:
                    self._chat = self._make(self.name, timeout=self._limits.total, **own)
                except Exception as error:
                    raise _NotMade from error
            return self._chat

    def _note(self, error: Exception) -> None:
        # Models that reason refuse a temperature, some servers to count: the next attempt goes without.
        if _OPTIONAL.search(str(error)) and not self._plain:
            with self._lock:
                self._plain, self._chat = True, None


def _options(name: str) -> dict[str, Any]:
    """Return what a chat model is asked for beside its limits, and can do without."""
    # OpenAI's interface counts tokens only where it is asked to; langchain asks by itself only OpenAI's own servers.
    counting = {"stream_usage": True} if name.partition(":")[0] in ("openai", "azure_openai") else {}
    return {"temperature": 0, **counting}


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


def _tokens(usage: _Usage, messages: list[tuple[str, str]], length: int, *, whole: bool) -> Tokens:
    """Return what was counted; estimated from characters where the provider did not count, or not to the end."""
    if whole and usage.input and usage.output:
        return Tokens(usage.input, usage.output)
    sent = sum(len(text) for _, text in messages) // CHARACTERS_A_TOKEN
    return Tokens(usage.input or sent, max(usage.output, length // CHARACTERS_A_TOKEN), estimated=True)


def _failure(name: str, error: Exception) -> ModelError:
    if isinstance(error, _NotMade):
        return _not_made(name, error.__cause__)
    state = getattr(error, "status_code", None)
    permanent = isinstance(state, int) and 400 <= state < 500 and state not in _PASSING
    # The message of an exception may hold keys and prompts: only its kind is repeated.
    kind = f"{type(error).__name__}{f' {state}' if isinstance(state, int) else ''}"
    return ModelError(f"{name} failed ({kind})", permanent=permanent and not _OPTIONAL.search(str(error)))


def _not_made(name: str, error: BaseException | None) -> ModelError:
    provider = name.partition(":")[0]
    if isinstance(error, ImportError):
        named = _PACKAGE.search(str(error))
        package = named.group().replace("_", "-") if named else f"langchain-{provider}"
        what = f"'itubot[{EXTRAS[provider]}]'" if provider in EXTRAS else package
        return ModelError(
            f"{name} needs langchain's package for {provider}: pip install {what}", permanent=True
        )
    if _NO_PROVIDER.match(str(error)):
        return ModelError(f"langchain knows no provider {provider!r}: correct ITUBOT_MODEL", permanent=True)
    return ModelError(
        f"{name} cannot be set up ({type(error).__name__}): is its key in the environment or .env?",
        permanent=True,
    )
