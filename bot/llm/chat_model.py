"""A chat model by name, with a fallback, asked for a text or for values in a given shape.

The one module that makes langchain's chat models. Time-outs, retries and the fallback are langchain's; that a stream
which has begun goes on, and ends, is checked here. Keys and base URLs (`OPENAI_API_KEY`, ...) are read by the
provider's own package.
"""

from __future__ import annotations

import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from bot.errors import ModelBusy, ModelError
from bot.llm.usage import MODEL

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.runnables import Runnable, RunnableConfig

    ChatRunnable = Runnable[LanguageModelInput, Any]

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
_RATE_LIMITED = 429
# langchain asks the provider again so many times where that may help.
_RETRIES = 1

Shape = TypeVar("Shape", bound=BaseModel)
Texts = Generator[str, None, None]
Make = Callable[..., "BaseChatModel"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for the whole reply, for one attempt of the provider's client, and between two pieces of a reply.

    Of a text longer than `characters` the rest is not read.
    """

    total: float = 45.0
    attempt: float = 15.0
    stall: float = 15.0
    characters: int = 12_000


class ChatModel:
    """A chat model by name. Safe between threads; made when it is first asked."""

    def __init__(
        self, name: str, fallback: str = "", limits: Limits | None = None, make: Make | None = None
    ) -> None:
        self.name = name
        self._fallback = fallback
        self._limits = limits or Limits()
        self._make = make or make_chat
        self._lock = threading.Lock()
        self._chats: Sequence[BaseChatModel] | None = None
        self._plain = False

    def ask(
        self,
        messages: LanguageModelInput,
        config: RunnableConfig | None = None,
        limits: Limits | None = None,
    ) -> str:
        """Return the whole reply. Raises ModelError."""
        return "".join(self.stream(messages, config, limits))

    def stream(
        self,
        messages: LanguageModelInput,
        config: RunnableConfig | None = None,
        limits: Limits | None = None,
    ) -> Texts:
        """Yield the reply in pieces. Raises ModelError, also after some pieces; ModelBusy for a rate limit."""
        limits = limits or self._limits
        ends = time.monotonic() + limits.total
        pieces: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        left = threading.Event()
        # In this context, by which langchain's tracers find the run that this is a part of.
        reading = partial(copy_context().run, self._read, messages, config, pieces, left)
        threading.Thread(target=reading, name="language model", daemon=True).start()
        length = 0
        try:
            while length < limits.characters:
                wait = max(0.0, ends - time.monotonic())
                wait = min(wait, limits.stall) if length else wait
                try:
                    piece = pieces.get(timeout=wait)
                except queue.Empty:
                    why = f"sent nothing for {wait:.0f} seconds" if wait else "did not finish in time"
                    raise ModelError(f"{self.name} {why}") from None
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise _failure(self.name, piece) from piece
                length += len(piece)
                yield piece
        finally:
            left.set()

    def fill(
        self, messages: LanguageModelInput, shape: type[Shape], config: RunnableConfig | None = None
    ) -> Shape:
        """Return the reply in this shape, by a call of a tool. Raises ModelError, also where there is no such reply."""
        filled: queue.SimpleQueue[Any] = queue.SimpleQueue()
        reading = partial(copy_context().run, self._fill, messages, shape, config, filled)
        threading.Thread(target=reading, name="language model", daemon=True).start()
        try:
            reply = filled.get(timeout=self._limits.total)
        except queue.Empty:
            raise ModelError(f"{self.name} did not finish in time") from None
        if isinstance(reply, NotImplementedError):
            raise ModelError(f"{self.name} takes no tools") from reply
        if isinstance(reply, _NotFilled | ValueError):
            # langchain's and pydantic's errors of reading a reply are ValueErrors.
            raise ModelError(f"{self.name} gave no structured reply") from reply
        if isinstance(reply, Exception):
            raise _failure(self.name, reply) from reply
        return _of_shape(shape, reply)

    def prepare(self) -> None:
        """Make the chat model; nothing is sent. Raises ModelError where its package, its key or its name is wrong."""
        try:
            self._ready()
        except _NotMade as error:
            raise _failure(self.name, error) from error

    def _read(
        self,
        messages: LanguageModelInput,
        config: RunnableConfig | None,
        pieces: queue.SimpleQueue[str | Exception | None],
        left: threading.Event,
    ) -> None:
        try:
            for text in self._texts(messages, config):
                if left.is_set():
                    return
                pieces.put(text)
            pieces.put(None)
        except Exception as error:
            # Every provider has exceptions of its own; all of them end the same way.
            pieces.put(error)

    def _fill(
        self,
        messages: LanguageModelInput,
        shape: type[Shape],
        config: RunnableConfig | None,
        filled: queue.SimpleQueue[Any],
    ) -> None:
        plain = self._plain
        try:
            filled.put(self._shaped(shape).invoke(messages, config))
        except Exception as error:
            # As for a stream, below.
            if plain or not _refuses_optional(error):
                filled.put(error)
                return
            with self._lock:
                self._plain, self._chats = True, None
            self._fill(messages, shape, config, filled)

    def _shaped(self, shape: type[Shape]) -> ChatRunnable:
        """Return the chat model that fills the shape; the fallback is asked too where the first does not fill it."""
        # By tools, which more servers have than schemas of a reply.
        shaped = [chat.with_structured_output(shape, method="function_calling") for chat in self._made()]
        checked: list[ChatRunnable] = [one | partial(_of_shape, shape) for one in shaped]
        return checked[0].with_fallbacks(checked[1:]) if checked[1:] else checked[0]

    def _texts(self, messages: LanguageModelInput, config: RunnableConfig | None) -> Iterator[str]:
        plain, came = self._plain, False
        try:
            for chunk in self._ready().stream(messages, config):
                text = text_of(chunk.content)
                came = came or bool(text)
                if text:
                    yield text
        except Exception as error:
            if came or plain or not _refuses_optional(error):
                raise
            # Models that reason refuse a temperature, some servers to count tokens: from now on without.
            with self._lock:
                self._plain, self._chats = True, None
            yield from self._texts(messages, config)

    def _ready(self) -> ChatRunnable:
        chats = self._made()
        if len(chats) == 1:
            return chats[0]
        both = zip(chats, (self.name, self._fallback), strict=True)
        named: list[ChatRunnable] = [chat.with_config(metadata={MODEL: name}) for chat, name in both]
        return named[0].with_fallbacks(named[1:])

    def _made(self) -> Sequence[BaseChatModel]:
        """Return the chat model and its fallback, if there is one."""
        with self._lock:
            if self._chats is None:
                names = (self.name, self._fallback) if self._fallback else (self.name,)
                self._chats = [self._one(name) for name in names]
            return self._chats

    def _one(self, name: str) -> BaseChatModel:
        optional = {} if self._plain else _optional(name)
        try:
            return self._make(name, timeout=self._limits.attempt, max_retries=_RETRIES, **optional)
        except Exception as error:
            raise _NotMade(name) from error


class _NotMade(Exception):
    """The chat model of this name could not be made: its package, its key or its name is wrong."""


class _NotFilled(Exception):
    """The reply has not the shape that it was to have."""


def _of_shape(shape: type[Shape], reply: object) -> Shape:
    # A model that answers in words instead of calling the tool is no error to langchain.
    if not isinstance(reply, shape):
        raise _NotFilled
    return reply


def make_chat(name: str, **options: Any) -> BaseChatModel:
    """Return langchain's chat model of this name. Raises ImportError, and what the provider raises without its key."""
    # Takes a second, and is not needed where no model is set.
    from langchain.chat_models import init_chat_model

    chat: BaseChatModel = init_chat_model(name, **options)
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


def _optional(name: str) -> dict[str, Any]:
    """Return what a chat model is asked for and can do without."""
    # OpenAI's interface counts tokens only where it is asked to; langchain asks by itself only OpenAI's own servers.
    counting = {"stream_usage": True} if name.partition(":")[0] in ("openai", "azure_openai") else {}
    return {"temperature": 0, **counting}


def _refuses_optional(error: Exception) -> bool:
    """Return whether the provider refused what can be done without; an error about a reply may quote any word of it."""
    refused = isinstance(error, TypeError) or _http_state(error) is not None
    return refused and _OPTIONAL.search(str(error)) is not None


def _failure(name: str, error: Exception) -> ModelError:
    if isinstance(error, _NotMade):
        return _not_made(str(error), error.__cause__)
    state = _http_state(error)
    # The message of an exception may hold keys and prompts: only its kind is repeated.
    kind = f"{type(error).__name__}{f' {state}' if state else ''}"
    return (ModelBusy if state == _RATE_LIMITED else ModelError)(f"{name} failed ({kind})")


def _http_state(error: BaseException | None) -> int | None:
    """Return the HTTP status that an exception or what caused it names; each provider's client has a way of its own."""
    while error is not None:
        response = getattr(error, "response", None)
        found = (getattr(error, "status_code", None), getattr(error, "code", None))
        for state in (*found, getattr(response, "status_code", None)):
            if isinstance(state, int):
                return state
        error = error.__cause__
    return None


def _not_made(name: str, error: BaseException | None) -> ModelError:
    provider = name.partition(":")[0]
    if isinstance(error, ImportError):
        named = _PACKAGE.search(str(error))
        package = named.group().replace("_", "-") if named else f"langchain-{provider}"
        what = f"'itubot[{EXTRAS[provider]}]'" if provider in EXTRAS else package
        return ModelError(f"{name} needs langchain's package for {provider}: pip install {what}")
    if _NO_PROVIDER.match(str(error)):
        return ModelError(f"langchain knows no provider {provider!r}: correct the name of the model")
    return ModelError(
        f"{name} cannot be set up ({type(error).__name__}): is its key in the environment or .env?"
    )
