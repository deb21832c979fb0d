"""What carries an event to the bot: an envelope of Socket Mode, or a signed request."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web


@dataclass
class Envelope:
    """An event on its way to the bot; `seconds` is how long the acknowledgement took, `answer` what it held."""

    payload: dict[str, Any]
    id: str
    kind: Literal["events_api", "slash_commands", "interactive"] = "events_api"
    answer: dict[str, Any] = field(default_factory=dict)
    sent_at: float = 0.0
    seconds: float | None = None
    attempts: int = 0

    @property
    def ack_text(self) -> str:
        """The text of the acknowledgement."""
        return str(self.answer.get("text", ""))


async def arguments_of(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a call, however they were sent."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json()
    elif request.method == "POST":
        arguments |= dict(await request.post())
    return arguments


def signature(raw: str, secret: str, age: float = 0.0) -> dict[str, str]:
    """Return the headers by which Slack signs a body, `age` seconds ago."""
    stamp = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
