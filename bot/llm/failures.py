"""What goes wrong with a chat model: what it means, and in which words it is told. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from bot.errors import ModelBusy, ModelError

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
_OWN_ERROR = 500
# The classes of connections that fail and replies that do not come in time: Python's, httpx's, and those of providers.
_DOWN = {"OSError", "TransportError", "APIConnectionError", "ServiceUnavailable", "DeadlineExceeded"}


class NotMade(Exception):
    """The chat model of this name could not be made: its package, its key or its name is wrong."""


class NotFilled(Exception):
    """The reply has not the shape that it was to have; the text says why."""


class LeftAlone(Exception):
    """No model is asked for the seconds given, after failures in a row."""


def refuses_optional(error: Exception) -> bool:
    """Return whether the provider refused what can be done without; an error about a reply may quote any word of it."""
    refused = isinstance(error, TypeError) or _http_state(error) is not None
    return refused and _OPTIONAL.search(str(error)) is not None


def is_down(error: Exception) -> bool:
    """Return whether a provider did not answer: no connection, no reply in time, or an error of its own."""
    state = _http_state(error)
    if state is not None:
        return state >= _OWN_ERROR
    kinds = {kind.__name__ for one in _causes(error) for kind in type(one).__mro__}
    return bool(kinds & _DOWN)


def failure(name: str, error: Exception) -> ModelError:
    """Return the error to raise for what a request to the model `name` ended in; ModelBusy for a rate limit."""
    if isinstance(error, NotMade):
        return _not_made(str(error), error.__cause__)
    if isinstance(error, NotFilled):
        return ModelError(f"{name} {error}")
    if isinstance(error, LeftAlone):
        return ModelError(f"{name} does not answer; it is asked again in {math.ceil(error.args[0])} seconds")
    state = _http_state(error)
    # The message of an exception may hold keys and prompts: only its kind is repeated.
    kind = f"{type(error).__name__}{f' {state}' if state else ''}"
    return (ModelBusy if state == _RATE_LIMITED else ModelError)(f"{name} failed ({kind})")


def _http_state(error: BaseException) -> int | None:
    """Return the HTTP status that an exception or what caused it names; each provider's client has a way of its own."""
    for one in _causes(error):
        response = getattr(one, "response", None)
        found = (getattr(one, "status_code", None), getattr(one, "code", None))
        for state in (*found, getattr(response, "status_code", None)):
            if isinstance(state, int):
                return state
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what caused it."""
    while error is not None:
        yield error
        error = error.__cause__


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
