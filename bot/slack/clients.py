"""Web API clients: how each kind of call is repeated when Slack stumbles."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

# What a call can end in when Slack does not do what was asked.
FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)

_TRIES = 4


def patient(token: str, api_url: str) -> AsyncWebClient:
    """Return a client that repeats anything: for calls that may be made twice."""
    handlers: list[AsyncRetryHandler] = [
        AsyncRateLimitErrorRetryHandler(max_retry_count=_TRIES),
        AsyncConnectionErrorRetryHandler(max_retry_count=_TRIES),
        AsyncServerErrorRetryHandler(max_retry_count=_TRIES),
    ]
    return AsyncWebClient(token=token, base_url=api_url, retry_handlers=handlers)


def posting(token: str, api_url: str) -> AsyncWebClient:
    """Return a client that repeats only what Slack certainly has not done: a call refused by rate."""
    handlers: list[AsyncRetryHandler] = [AsyncRateLimitErrorRetryHandler(max_retry_count=_TRIES)]
    return AsyncWebClient(token=token, base_url=api_url, retry_handlers=handlers)


def impatient(token: str, api_url: str) -> AsyncWebClient:
    """Return a client that repeats nothing: for what can be done without."""
    return AsyncWebClient(token=token, base_url=api_url, retry_handlers=[])


def refusal(error: SlackApiError) -> tuple[int, str]:
    """Return the HTTP status and Slack's word for why a call failed; both may be missing (0, "")."""
    response = error.response
    status = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    # Where the body was no JSON, the library attaches the bare HTTP response.
    word = response.get("error") if hasattr(response, "get") else None
    return int(status), str(word or "")
