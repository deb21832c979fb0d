"""The request id, by which those who run the bot find all that was recorded of one event of Slack."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar

_CURRENT: ContextVar[str] = ContextVar("request_id", default="")


def bind_key(key: str) -> None:
    """Give this task, and what it starts, the request id of a key such as a job's: the same in every process."""
    bind(hashlib.sha256(key.encode()).hexdigest()[:16] if key else "")


def bind(request_id: str) -> None:
    """Give this task or thread, and the tasks that it starts, a request id; "" for none."""
    _CURRENT.set(request_id)


def current() -> str:
    """Return the request id of this task or thread, "" outside of requests."""
    return _CURRENT.get()
