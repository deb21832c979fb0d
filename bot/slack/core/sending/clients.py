"""Web API clients, and the errors of their calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

# Everything that a call raises when Slack does not do what was asked: SlackRequestError for the bytes of a file.
FAILURES = (SlackApiError, SlackRequestError, aiohttp.ClientError, TimeoutError, OSError)

# How often a rate-limited call, or one that failed inside Slack, is repeated.
MOST_RETRIES = 4

# Error codes of a failure inside Slack, and of too many calls.
_SERVER_ERRORS = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_RATE_LIMITS = {"ratelimited", "rate_limited", "message_limit_exceeded"}
# While a workspace is moved into an organization.
_MOVING = {"team_added_to_org", "org_login_required"}
# Error codes for a channel that the bot is not in, or may not write to.
_NO_ACCESS = {"not_in_channel", "channel_not_found", "is_archived", "invalid_channel"}

# Gets the method and the error code of a failed call.
OnError = Callable[[str, str], None]
# Returns the token of a workspace, which changes where tokens expire. Raises one of FAILURES.
PresentToken = Callable[[], Awaitable[str]]


class _Client(AsyncWebClient):
    """A client that reports each call that fails in the end."""

    def __init__(self, on_error: OnError, present_token: PresentToken | None, **options: Any) -> None:
        super().__init__(**options)
        self._on_error = on_error
        self._present_token = present_token

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method of the Web API."""
        try:
            if self._present_token is not None:
                self.token = await self._present_token()
            return await super().api_call(api_method, **arguments)
        except FAILURES as error:
            # The words of other exceptions have addresses.
            code = error_code(error) if isinstance(error, SlackApiError) else type(error).__name__
            self._on_error(api_method, code)
            raise


class SlackClients:
    """Web API clients of one bot, which differ in the failed calls that they repeat.

    `on_error` gets each call that fails in the end. `token` is the bot's; one that expires comes from a function.
    """

    def __init__(
        self, token: str | PresentToken, api_url: str, on_error: OnError = lambda _method, _code: None
    ) -> None:
        fixed, present = (token, None) if isinstance(token, str) else (None, token)
        client = partial(_Client, on_error, present, token=fixed, base_url=api_url)
        rate_limited = AsyncRateLimitErrorRetryHandler(max_retry_count=MOST_RETRIES)
        self.retrying = client(
            retry_handlers=[
                rate_limited,
                AsyncConnectionErrorRetryHandler(max_retry_count=2),
                AsyncServerErrorRetryHandler(max_retry_count=MOST_RETRIES),
            ],
        )
        """Repeats any failed call: for calls that may be made twice."""
        self.posting = client(retry_handlers=[rate_limited])
        """Repeats only rate-limited calls, which Slack has certainly not carried out."""
        self.unretried = client(retry_handlers=[])
        """Repeats nothing: for calls whose failure costs little."""


async def direct_channel(client: AsyncWebClient, user: str) -> str:
    """Return the id of the direct message with a user; raises one of FAILURES."""
    response = await client.conversations_open(users=user)
    return str(response["channel"]["id"])


def error_code(error: Exception) -> str:
    """Return Slack's error code for a failed call, else its HTTP status, else the exception's own words."""
    if not isinstance(error, SlackApiError):
        return str(error) or type(error).__name__
    response = error.response
    # Where the body was no JSON, the library attaches the bare HTTP response.
    code = response.get("error") if hasattr(response, "get") else None
    return str(code) if code else f"HTTP {_status(error)}"


def is_about_content(code: str) -> bool:
    """Return True for an error code of a message itself: Slack may take a plainer or a shorter one."""
    return "invalid_blocks" in code or "msg_" in code


def is_about_place(code: str) -> bool:
    """Return True for an error code of a channel that the bot is not in, or may not write to."""
    return code in _NO_ACCESS or code.startswith("restricted_action")


def is_rate_limited(error: Exception) -> bool:
    """Return True for a rate-limited call: it was not carried out, and may be repeated later."""
    return isinstance(error, SlackApiError) and (_status(error) == 429 or error_code(error) in _RATE_LIMITS)


def is_transient(error: Exception) -> bool:
    """Return True for a failure that passes by itself: no answer, a rate limit, a failure or a move inside Slack."""
    return (
        not isinstance(error, SlackApiError)
        or is_rate_limited(error)
        or _is_server_error(error)
        or error_code(error) in _MOVING
    )


def is_undone(error: Exception) -> bool:
    """Return True where Slack has certainly not carried out the call: it is refused, or there is no connection."""
    if isinstance(error, SlackApiError):
        return not _is_server_error(error)
    return isinstance(error, aiohttp.ClientConnectorError)


def retry_after(error: Exception) -> float:
    """Return the seconds to wait before a call or a download is repeated: what Slack says, else 0."""
    if isinstance(error, aiohttp.ClientResponseError):
        stated: Mapping[str, str] = error.headers or {}
        unstated = 0.0
    elif isinstance(error, SlackApiError) and is_rate_limited(error):
        stated = getattr(error.response, "headers", None) or {}
        unstated = 1.0
    else:
        return 0.0
    try:
        return float(stated.get("Retry-After", unstated))
    except ValueError:
        return unstated


def _is_server_error(error: SlackApiError) -> bool:
    return _status(error) >= 500 or error_code(error) in _SERVER_ERRORS


def _status(error: SlackApiError) -> int:
    response = error.response
    return int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
