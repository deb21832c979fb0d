"""The request id, by which those who run the bot find all that was recorded of one event of Slack."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextvars import ContextVar

# Nobody who has the logs alone can find out which message an id is of.
_key = secrets.token_bytes(32)
_CURRENT: ContextVar[str] = ContextVar("request_id", default="")


def share_key(*shared: str | None) -> None:
    """Let all processes that know the same secrets give the same ids; without one, each process has ids of its own."""
    global _key
    if known := list(filter(None, shared)):
        _key = hashlib.sha256("\n".join(["request ids", *known]).encode()).digest()


def bind_key(key: str) -> None:
    """Give this task, and what it starts, the request id of a key such as a job's, which is a keyed hash of it."""
    bind(hmac.digest(_key, key.encode(), hashlib.sha256).hex()[:16] if key else "")


def bind(request_id: str) -> None:
    """Give this task or thread, and the tasks that it starts, a request id; "" for none."""
    _CURRENT.set(request_id)


def current() -> str:
    """Return the request id of this task or thread, "" outside of requests."""
    return _CURRENT.get()
