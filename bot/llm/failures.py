"""Exceptions of chat models: what they mean, and the error to raise for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.errors import ModelBusy, ModelError

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
_OPTIONAL = re.compile(r"temperature|stream_options|include_usage", re.I)
_RATE_LIMITED = 429
_OWN_ERROR = 500
# Names of the exceptions for failed connections and late replies: Python's, httpx's, and those of providers.
_DOWN = {"OSError", "TransportError", "APIConnectionError", "ServiceUnavailable", "DeadlineExceeded"}


def refuses_optional(error: Exception) -> bool:
    """Return whether the provider refused an optional parameter."""
    # An error about a reply is neither of these kinds, and may quote any word.
    refused = isinstance(error, TypeError) or _http_state(error) is not None
    return refused and _OPTIONAL.search(str(error)) is not None


def is_down(error: Exception) -> bool:
    """Return whether the provider is down: no connection, no reply in time, or a server error."""
    state = _http_state(error)
    if state is not None:
        return state >= _OWN_ERROR
    kinds = {kind.__name__ for one in _causes(error) for kind in type(one).__mro__}
    return bool(kinds & _DOWN)


def failure(name: str, error: Exception) -> ModelError:
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
    for one in _causes(error):
        response = getattr(one, "response", None)
        found = (getattr(one, "status_code", None), getattr(one, "code", None))
        for state in (*found, getattr(response, "status_code", None)):
            if isinstance(state, int):
                return state
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and its causes."""
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
