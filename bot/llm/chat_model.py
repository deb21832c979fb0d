"""A chat model by name, with a fallback, asked for a text or for values in a given shape.

The one module that makes langchain's chat models. Time-outs and retries are langchain's; that a stream which has begun
goes on, and ends, is checked here. The fallback is chosen here too: langchain's knows neither options that a model
refuses nor models that are down. Keys and base URLs (`OPENAI_API_KEY`, ...) are read by the provider's own package.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from langchain_core.runnables.config import merge_configs
from pydantic import BaseModel

from bot.errors import ModelError
from bot.llm.breaker import Breaker
from bot.llm.failures import LeftAlone, NotFilled, NotMade, failure, is_down, refuses_optional
from bot.llm.usage import MODEL

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.runnables import RunnableConfig

# langchain asks the provider again so many times where that may help.
_RETRIES = 1

Shape = TypeVar("Shape", bound=BaseModel)
Reply = TypeVar("Reply")
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
    """A chat model by name. Safe between threads; made when it is first asked.

    The fallback is asked where the model gives nothing. Either is left alone for a while after failures in a row;
    `clock` gives the seconds for that.
    """

    def __init__(
        self,
        name: str,
        fallback: str = "",
        limits: Limits | None = None,
        make: Make | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._limits = limits or Limits()
        self._models = [
            _Model(one, self._limits.attempt, make or make_chat, Breaker(clock))
            for one in (name, fallback)
            if one
        ]

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

        def texts(model: _Model) -> Iterator[str]:
            for chunk in model.chat().stream(messages, self._named(model, config)):
                if text := text_of(chunk.content):
                    yield text

        limits = limits or self._limits
        length = 0
        with closing(self._replies(texts, limits)) as pieces:
            for piece in pieces:
                length += len(piece)
                yield piece
                if length >= limits.characters:
                    return

    def fill(
        self, messages: LanguageModelInput, shape: type[Shape], config: RunnableConfig | None = None
    ) -> Shape:
        """Return the reply in this shape, by a call of a tool. Raises ModelError, also where there is no such reply."""

        def filled(model: _Model) -> Iterator[Shape]:
            try:
                # By tools, which more servers have than schemas of a reply.
                shaped = model.chat().with_structured_output(shape, method="function_calling")
                reply = shaped.invoke(messages, self._named(model, config))
            except NotImplementedError as error:
                raise NotFilled("takes no tools") from error
            except ValueError as error:
                # langchain's and pydantic's errors of reading a reply are ValueErrors.
                raise NotFilled("gave no structured reply") from error
            # A model that answers in words instead of calling the tool is no error to langchain.
            if not isinstance(reply, shape):
                raise NotFilled("gave no structured reply")
            yield reply

        with closing(self._replies(filled, self._limits)) as replies:
            return next(replies)

    def prepare(self) -> None:
        """Make the chat model; nothing is sent. Raises ModelError where its package, its key or its name is wrong."""
        for model in self._models:
            try:
                model.chat()
            except NotMade as error:
                raise failure(model.name, error) from error

    def _named(self, model: _Model, config: RunnableConfig | None) -> RunnableConfig | None:
        """Return the configuration of a request, with the model's name where several may answer."""
        return merge_configs(config, {"metadata": {MODEL: model.name}}) if self._models[1:] else config

    def _replies(
        self, ask: Callable[[_Model], Iterator[Reply]], limits: Limits
    ) -> Generator[Reply, None, None]:
        """Yield what the first model gives that gives something. Raises ModelError."""
        ends = time.monotonic() + limits.total
        request: _Request[Reply] = _Request(self._models[0])
        # In this context, by which langchain's tracers find the run that this is a part of.
        reading = partial(copy_context().run, self._read, ask, request)
        threading.Thread(target=reading, name="language model", daemon=True).start()
        begun = False
        try:
            while True:
                wait = max(0.0, ends - time.monotonic())
                wait = min(wait, limits.stall) if begun else wait
                try:
                    item = request.items.get(timeout=wait)
                except queue.Empty:
                    request.left.set()
                    request.asking.breaker.record(failed=True)
                    why = f"sent nothing for {wait:.0f} seconds" if wait else "did not finish in time"
                    raise ModelError(f"{request.asking.name} {why}") from None
                if item is None:
                    return
                if isinstance(item, _Failed):
                    raise failure(item.name, item.error) from item.error
                begun = True
                yield item.reply
        finally:
            request.left.set()

    def _read(self, ask: Callable[[_Model], Iterator[Reply]], request: _Request[Reply]) -> None:
        failed: _Failed | None = None
        for model in self._models:
            if not model.breaker.allows():
                continue
            request.asking, came = model, False
            try:
                for reply in model.replies(ask):
                    if request.left.is_set():
                        return
                    model.breaker.record(failed=False)
                    came = True
                    request.items.put(_Given(reply))
                model.breaker.record(failed=False)
                request.items.put(None)
                return
            except Exception as error:
                # Every provider has exceptions of its own; all of them end the same way.
                if request.left.is_set():
                    return
                model.breaker.record(failed=is_down(error))
                failed = failed or _Failed(model.name, error)
                if came:
                    break
        pause = min(model.breaker.remaining for model in self._models)
        request.items.put(failed or _Failed(self.name, LeftAlone(pause)))


class _Model:
    """The chat model of one provider, made when it is first asked."""

    def __init__(self, name: str, attempt: float, make: Make, breaker: Breaker) -> None:
        self.name = name
        self.breaker = breaker
        self._attempt = attempt
        self._make = make
        self._lock = threading.Lock()
        self._chat: BaseChatModel | None = None
        self._plain = False

    def chat(self) -> BaseChatModel:
        """Return langchain's chat model. Raises NotMade."""
        with self._lock:
            if self._chat is None:
                optional = {} if self._plain else _optional(self.name)
                try:
                    self._chat = self._make(
                        self.name, timeout=self._attempt, max_retries=_RETRIES, **optional
                    )
                except Exception as error:
                    raise NotMade(self.name) from error
            return self._chat

    def replies(self, ask: Callable[[_Model], Iterator[Reply]]) -> Iterator[Reply]:
        """Yield what is asked for; a model that refuses an option is asked again, from now on without."""
        plain, came = self._plain, False
        try:
            for reply in ask(self):
                came = True
                yield reply
        except Exception as error:
            # Models that reason refuse a temperature, some servers to count tokens.
            if came or plain or not refuses_optional(error):
                raise
            with self._lock:
                self._plain, self._chat = True, None
            yield from self.replies(ask)


@dataclass(frozen=True, slots=True)
class _Given(Generic[Reply]):
    """A reply, or a piece of one."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class _Failed:
    """How the request to the model of this name ended."""

    name: str
    error: Exception


@dataclass(slots=True)
class _Request(Generic[Reply]):
    """A request under way: the model that is asked, what it gave, and whether nobody waits for it any more."""

    asking: _Model
    items: queue.SimpleQueue[_Given[Reply] | _Failed | None] = field(default_factory=queue.SimpleQueue)
    left: threading.Event = field(default_factory=threading.Event)


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
