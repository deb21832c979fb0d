"""Web API clients: how each kind of call is repeated when Slack stumbles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

# What a call can end in when Slack does not do what was asked.
FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)

_TRIES = 4

# Slack's words for a trouble of its own, and for too many calls; both pass.
_OWN_TROUBLE = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_RATE = {"ratelimited", "rate_limited", "message_limit_exceeded"}


def patient(token: str, api_url: str) -> AsyncWebClient:
    """Return a client that repeats anything: for calls that may be made twice."""
    handlers: list[AsyncRetryHandler] = [
        AsyncRateLimitErrorRetryHandler(max_retry_count=_TRIES),
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
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


async def respond(
    response_url: str, text: str, blocks: Sequence[dict[str, Any]] | None = None, **options: Any
) -> str:
    """Reply at the address that Slack gave with what somebody did, to that person alone.

    Returns "" once Slack took it, else why not, for a log. `options` are Slack's own.
    """
    handlers: list[AsyncRetryHandler] = [
        AsyncRateLimitErrorRetryHandler(max_retry_count=_TRIES),
        AsyncServerErrorRetryHandler(max_retry_count=_TRIES),
    ]
    client = AsyncWebhookClient(response_url, retry_handlers=handlers)
    try:
        response = await client.send(text=text, blocks=blocks, response_type="ephemeral", **options)
    except FAILURES as error:
        return str(error) or type(error).__name__
    return "" if response.status_code == 200 else f"{response.status_code} {response.body}"


def reason(error: SlackApiError) -> str:
    """Return Slack's word for why a call failed, else its HTTP status."""
    response = error.response
    # Where the body was no JSON, the library attaches the bare HTTP response.
    word = response.get("error") if hasattr(response, "get") else None
    return str(word) if word else f"HTTP {_status(error)}"


def by_rate(error: SlackApiError) -> bool:
    """Say whether a call was refused for being one too many: it was not done, and may be made later."""
    return _status(error) == 429 or reason(error) in _RATE


def own_trouble(error: SlackApiError) -> bool:
    """Say whether Slack failed for its own reasons: the call may have been done or not."""
    return _status(error) >= 500 or reason(error) in _OWN_TROUBLE


def retry_after(error: SlackApiError) -> float:
    """Return the seconds that Slack wants to be left alone after a call that was refused by rate."""
    headers = getattr(error.response, "headers", None) or {}
    try:
        return float(headers.get("Retry-After", 1))
    except ValueError:
        return 1.0


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
