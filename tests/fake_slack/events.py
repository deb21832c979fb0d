"""What carries an event to the bot: an envelope of Socket Mode, or a signed request."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import web

Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass
class Envelope:
    """An event on its way to the bot; `seconds` is how long the acknowledgement took, `answer` what it held."""

    payload: dict[str, Any]
    id: str
    kind: Kind = "events_api"
    answer: dict[str, Any] = field(default_factory=dict)
    sent_at: float = 0.0
    seconds: float | None = None
    attempts: int = 0

    @property
    def ack_text(self) -> str:
        """The text of the acknowledgement."""
        return str(self.answer.get("text", ""))


def body_of(kind: Kind, payload: dict[str, Any]) -> tuple[str, str]:
    """Return the body of a request that carries a payload, and its content type.

    https://docs.slack.dev/apis/events-api/using-http-request-urls, /interactivity/implementing-slash-commands and
    /interactivity/handling-user-interaction: events are JSON, the others forms.
    """
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


async def arguments_of(request: web.Request) -> dict[str, Any]:
    """Return the arguments of a call, however they were sent."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json()
    elif request.method == "POST":
        arguments |= dict(await request.post())
    return arguments


def bearer_of(request: web.Request) -> str:
    """Return the token of a call, "" where it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def signature(raw: str, secret: str, age: float = 0.0) -> dict[str, str]:
    """Return the headers by which Slack signs a body, `age` seconds ago."""
    stamp = str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
