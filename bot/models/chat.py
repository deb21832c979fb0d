"""A chat model by name, with a fallback, asked for a text or for values in a given shape.

The only module that makes langchain's chat models. Time-outs and retries of a request are langchain's; the time between
the pieces of a reply, and for the whole, is limited here. The fallback is chosen here too, since langchain's handles
neither options that a model refuses nor models that are down. The provider's package reads keys and base URLs
(`OPENAI_API_KEY`, ...). Each provider has exceptions of its own; what they mean is decided here.
"""

from __future__ import annotations

import math
import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.runnables.config import merge_configs
from pydantic import BaseModel

from bot.cancellation import Cancelled, woken_by_cancellation
from bot.errors import ModelBusy, ModelError
from bot.models.usage import MODEL
from bot.telemetry.spans import span
from store.nul import without_nul
from store.restarts import CircuitBreaker

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.runnables import Runnable, RunnableConfig


# langchain's name of a provider -> the extra of this project with its package.
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
_OPTIONAL = re.compile(r"temperature|stream_options|include_usage|thinking", re.I)
_TOOLS = re.compile(r"\btools?\b|tool_choice|function", re.I)
_RATE_LIMITED = 429
_OWN_ERROR = 500
# Names of the exceptions for failed connections and late replies: Python's, httpx's, and those of providers.
_DOWN = {"OSError", "TransportError", "APIConnectionError", "ServiceUnavailable", "DeadlineExceeded"}
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


def in_background(
    produce: Callable[[threading.Event], Generator[ItemT, None, None]],
    name: str,
    seconds: Callable[[], float] | None = None,
) -> Generator[ItemT, None, None]:
    """Yield what `produce` yields in a daemon thread of this name.

    When this generator is closed, the event that `produce` gets is set, and no more is taken from it. Raises what
    `produce` raises, ModelError if its thread ends otherwise, TimeoutError, with the seconds, if an item takes longer
    than `seconds()`, and Cancelled at once if the work is cancelled.
    """
    items: queue.SimpleQueue[ItemT | _End] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        error: Exception | None = ModelError(f"the thread {name!r} ended early")
        try:
            with closing(produce(stopped)) as produced:
                for item in produced:
                    if stopped.is_set():
                        return
                    items.put(item)
            error = None
        except Exception as raised:
            error = raised
        finally:
            # A panic of a library in Rust is no Exception: the consumer must not wait for an item that never comes.
            items.put(_End(error))

    # In the caller's context, by which langchain's tracers find the run that the work belongs to.
    threading.Thread(target=copy_context().run, args=(work,), name=name, daemon=True).start()
    try:
        with woken_by_cancellation(lambda: items.put(_End(Cancelled()))):
            while True:
                wait = seconds() if seconds else None
                try:
                    item = items.get(timeout=wait)
                except queue.Empty:
                    raise TimeoutError(wait) from None
                if isinstance(item, _End):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
    finally:
        stopped.set()


# Repetitions of a failed request, by langchain.
_RETRIES = 1
# Failures in a row after which a model is not asked, and for how many seconds.
_FAILURES = 3
_PAUSE = 60.0

ShapeT = TypeVar("ShapeT", bound=BaseModel)
ReplyT = TypeVar("ReplyT")
TextPieces = Generator[str, None, None]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asks for; `arguments` is None where they are no JSON object."""

    id: str
    name: str
    arguments: Mapping[str, Any] | None


ChatFactory = Callable[..., "BaseChatModel"]


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """Seconds for the whole reply, for one attempt of the provider's client, and between two pieces of a reply.

    Reading stops after `characters`.
    """

    total: float = 45.0
    attempt: float = 15.0
    stall: float = 15.0
    characters: int = 12_000

    def scaled(self, factor: float) -> ReplyLimits:
        """Return limits with so many times the seconds."""
        return replace(
            self, total=self.total * factor, attempt=self.attempt * factor, stall=self.stall * factor
        )


class ChatModel:
    """A chat model by name. Safe between threads; made at the first request.

    The fallback is asked if the model gives nothing. Each has a circuit breaker, for which `clock` gives the seconds.
    `on_failure` gets the name of each model that fails, and "timeout", "rate limit", "down" or "error".
    """

    def __init__(
        self,
        name: str,
        fallback: str = "",
        limits: ReplyLimits | None = None,
        make: ChatFactory | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_failure: Callable[[str, str], None] = lambda _name, _kind: None,
        patience: float = 1.0,
    ) -> None:
        """`patience` multiplies the seconds of all limits, also of those that a request has."""
        self.name = name
        self.patience = patience
        self._limits = (limits or ReplyLimits()).scaled(patience)
        self._on_failure = on_failure
        self._models = [
            _Model(one, self._limits.attempt, make or make_chat, CircuitBreaker(_FAILURES, _PAUSE, clock))
            for one in (name, fallback)
            if one
        ]

    def ask(
        self,
        messages: LanguageModelInput,
        config: RunnableConfig | None = None,
        limits: ReplyLimits | None = None,
    ) -> str:
        """Return the whole reply. Raises ModelError."""
        return "".join(self.stream(messages, config, limits))

    def stream(
        self,
        messages: LanguageModelInput,
        config: RunnableConfig | None = None,
        limits: ReplyLimits | None = None,
    ) -> TextPieces:
        """Yield the reply in pieces. Raises ModelError, also after some pieces; ModelBusy for a rate limit."""
        with closing(self.converse(messages, (), config, limits)) as parts:
            for part in parts:
                if isinstance(part, str):
                    yield part

    def converse(
        self,
        messages: LanguageModelInput,
        tools: Sequence[Mapping[str, Any]],
        config: RunnableConfig | None = None,
        limits: ReplyLimits | None = None,
        most_seconds: float | None = None,
    ) -> Generator[str | ToolCall, None, None]:
        """Yield the reply in pieces, and then the calls that it asks for.

        `tools` are functions in OpenAI's form; a model that takes none is asked without. `most_seconds` are left for
        the whole reply, where that is less than the limits say. Raises ModelError, also after some pieces; ModelBusy
        for a rate limit.
        """

        def parts(model: _Model) -> Iterator[str | ToolCall]:
            whole: Any = None
            for chunk in model.with_tools(tools).stream(messages, self._named(model, config)):
                whole = chunk if whole is None else whole + chunk
                yield without_nul(str(chunk.text))
            yield from _calls(whole)

        limits = limits.scaled(self.patience) if limits else self._limits
        if most_seconds is not None:
            limits = replace(limits, total=min(limits.total, most_seconds))
        length = 0
        with closing(self._replies(parts, limits)) as pieces:
            for piece in pieces:
                if isinstance(piece, ToolCall):
                    yield piece
                elif piece:
                    length += len(piece)
                    yield piece
                if length >= limits.characters:
                    return

    def fill(
        self, messages: LanguageModelInput, shape: type[ShapeT], config: RunnableConfig | None = None
    ) -> ShapeT:
        """Return the reply in this shape, by a tool call. Raises ModelError, also if the reply has another shape."""

        def filled(model: _Model) -> Iterator[ShapeT]:
            try:
                # More servers have tools than schemas of a reply.
                shaped = model.chat().with_structured_output(shape, method="function_calling")
                reply = shaped.invoke(messages, self._named(model, config))
            except NotImplementedError as error:
                raise ModelError(f"{model.name} takes no tools") from error
            except ValueError as error:
                # langchain's and pydantic's errors of reading a reply are ValueErrors.
                raise ModelError(f"{model.name} gave no structured reply") from error
            # langchain raises nothing if a model answers in words instead of calling the tool.
            if not isinstance(reply, shape):
                raise ModelError(f"{model.name} gave no structured reply")
            yield shape.model_validate(without_nul(reply.model_dump()))

        with closing(self._replies(filled, self._limits)) as replies:
            return next(replies)

    def prepare(self) -> None:
        """Make the chat models; nothing is sent. Raises ModelError if a package, a key or a name is wrong."""
        for model in self._models:
            model.chat()

    def _named(self, model: _Model, config: RunnableConfig | None) -> RunnableConfig | None:
        """Return the configuration of a request, with the model's name if several may answer."""
        return merge_configs(config, {"metadata": {MODEL: model.name}}) if self._models[1:] else config

    def _replies(
        self, ask: Callable[[_Model], Iterator[ReplyT]], limits: ReplyLimits
    ) -> Generator[ReplyT, None, None]:
        """Yield the replies of the first model that gives any, within the limits. Raises ModelError."""
        ends = time.monotonic() + limits.total
        asked = [self._models[0]]
        begun = False

        def seconds() -> float:
            left = max(0.0, ends - time.monotonic())
            return min(left, limits.stall) if begun else left

        try:
            produce = partial(self._try_models, ask, asked)
            with span("model"), closing(in_background(produce, "language model", seconds)) as replies:
                for reply in replies:
                    begun = True
                    yield reply
        except TimeoutError as error:
            asked[-1].breaker.record(failed=True)
            self._on_failure(asked[-1].name, "timeout")
            (wait,) = error.args
            why = f"sent nothing for {wait:.0f} seconds" if wait else "did not finish in time"
            raise ModelError(f"{asked[-1].name} {why}") from None

    def _try_models(
        self, ask: Callable[[_Model], Iterator[ReplyT]], asked: list[_Model], stopped: threading.Event
    ) -> Generator[ReplyT, None, None]:
        """Yield the replies of the first model that gives any; `asked` gets each that is asked. Raises ModelError."""
        failed: ModelError | None = None
        for model in self._models:
            if not model.breaker.allows():
                continue
            asked.append(model)
            begun = False
            try:
                for reply in model.replies(ask):
                    if stopped.is_set():
                        return
                    model.breaker.record(failed=False)
                    begun = True
                    yield reply
            except Exception as error:
                # Every provider has exceptions of its own.
                if stopped.is_set():
                    return
                model.breaker.record(failed=_is_down(error))
                explained = _failure(model.name, error)
                self._on_failure(model.name, _kind(explained, error))
                failed = failed or explained
                if begun:
                    break
            else:
                model.breaker.record(failed=False)
                return
        pause = math.ceil(min(model.breaker.remaining for model in self._models))
        raise failed or ModelError(f"{self.name} does not answer; it is asked again in {pause} seconds")


class _Model:
    """The chat model of one provider, made at the first request."""

    def __init__(self, name: str, attempt: float, make: ChatFactory, breaker: CircuitBreaker) -> None:
        self.name = name
        self.breaker = breaker
        self._attempt = attempt
        self._make = make
        self._lock = threading.Lock()
        self._chat: BaseChatModel | None = None
        self._without_optional = self._without_tools = False

    def chat(self) -> BaseChatModel:
        """Return langchain's chat model. Raises ModelError."""
        with self._lock:
            if self._chat is None:
                optional = {} if self._without_optional else _optional(self.name)
                try:
                    self._chat = self._make(
                        self.name, timeout=self._attempt, max_retries=_RETRIES, **optional
                    )
                except Exception as error:
                    raise not_made(self.name, error) from error
            return self._chat

    def with_tools(self, tools: Sequence[Mapping[str, Any]]) -> Runnable[Any, Any]:
        """Return langchain's chat model with some tools, without them if it takes none. Raises ModelError."""
        chat = self.chat()
        if not tools or self._without_tools:
            return chat
        try:
            return chat.bind_tools([dict(tool) for tool in tools])
        except NotImplementedError:
            self._without_tools = True
            return chat

    def replies(self, ask: Callable[[_Model], Iterator[ReplyT]]) -> Iterator[ReplyT]:
        """Yield the replies; a model that refuses tools or an option is asked again, and from then on, without."""
        without_optional = self._without_optional
        without_tools = self._without_tools
        begun = False
        try:
            for reply in ask(self):
                begun = True
                yield reply
        except Exception as error:
            # Reasoning models refuse a temperature, some servers refuse to count tokens, and many have no tools.
            if not begun and not without_optional and _refuses(error, _OPTIONAL):
                with self._lock:
                    self._without_optional = True
                    self._chat = None
            elif not begun and not without_tools and _refuses(error, _TOOLS):
                self._without_tools = True
            else:
                raise
            yield from self.replies(ask)


def make_chat(name: str, **options: Any) -> BaseChatModel:
    """Return langchain's chat model of this name. Raises ImportError, and what the provider raises without its key."""
    # Takes a second, and is not needed without a model.
    from langchain.chat_models import init_chat_model

    chat: BaseChatModel = init_chat_model(name, **options)
    return chat


def _kind(explained: ModelError, error: Exception) -> str:
    if isinstance(explained, ModelBusy):
        return "rate limit"
    return "down" if _is_down(error) else "error"


def _optional(name: str) -> dict[str, Any]:
    """Return the optional parameters of a chat model."""
    # Servers of OpenAI's interface count tokens on request only; langchain requests it of OpenAI's own servers only.
    counting = {"stream_usage": True}
    # A model that thinks before it answers takes many times as long, and langchain would hand on what it thinks.
    own = {"openai": counting, "azure_openai": counting, "ollama": {"reasoning": False}}
    return {"temperature": 0, **own.get(name.partition(":")[0], {})}


def _refuses(error: Exception, what: re.Pattern[str]) -> bool:
    """Whether the provider refused what a pattern names."""
    # An error about a reply is neither of these kinds, and may quote any word.
    refused = isinstance(error, TypeError) or _http_state(error) is not None
    return refused and not _is_down(error) and what.search(str(error)) is not None


def _calls(whole: Any) -> Iterator[ToolCall]:
    """Yield the calls of a whole reply of langchain's."""
    for call in getattr(whole, "tool_calls", ()):
        yield ToolCall(str(call.get("id") or ""), str(call["name"]), without_nul(call["args"]))
    for call in getattr(whole, "invalid_tool_calls", ()):
        yield ToolCall(str(call.get("id") or ""), str(call.get("name") or ""), None)


def _is_down(error: Exception) -> bool:
    """Whether the provider is down: no connection, no reply in time, or a server error."""
    state = _http_state(error)
    if state is not None:
        return state >= _OWN_ERROR
    kinds = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    return bool(kinds & _DOWN)


def _failure(name: str, error: Exception) -> ModelError:
    """Return the error to raise for an exception of the model `name`; ModelBusy for a rate limit."""
    if isinstance(error, ModelError):
        return error
    state = _http_state(error)
    # Only the kind: the message of an exception may hold keys and prompts.
    kind = f"{type(error).__name__}{f' {state}' if state else ''}"
    raised = (ModelBusy if state == _RATE_LIMITED else ModelError)(f"{name} failed ({kind})")
    raised.__cause__ = error
    return raised


def _http_state(error: BaseException) -> int | None:
    """Return the HTTP status of an exception or of its causes; every provider's client names it differently."""
    for cause in _causes(error):
        response = getattr(cause, "response", None)
        found = (getattr(cause, "status_code", None), getattr(cause, "code", None))
        for state in (*found, getattr(response, "status_code", None)):
            if isinstance(state, int):
                return state
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def not_made(name: str, error: Exception) -> ModelError:
    """Return the error to raise if the chat model `name` cannot be made."""
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
