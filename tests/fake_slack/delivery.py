"""How the fake Slack reaches the bot: over the sockets that the bot opens, or by signed requests to its address."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientError, ClientSession, WSMsgType, web

from tests.fake_slack.events import Envelope, Kind, body_of, signature
from tests.fake_slack.limits import problems_of_acknowledgement

# Slack sends an event that was not acknowledged again at once, after a minute, and after five; the fake only at once.
# Commands and interactions are sent once (https://docs.slack.dev/apis/events-api/using-http-request-urls).
_ATTEMPTS: dict[Kind, int] = {"events_api": 2, "slash_commands": 1, "interactive": 1}


@dataclass
class Delivery:
    """Carries envelopes to the bot, and what it acknowledges back.

    `request_url` is the bot's address in HTTP mode, "" in Socket Mode. While `deaf`, acknowledgements do not reach
    Slack; `unheard` holds the ids of their envelopes. `happened` is awaited after each acknowledgement and new
    connection.
    """

    secret: str
    happened: Callable[[], Awaitable[None]]
    request_url: str = ""
    deaf: bool = False
    unheard: set[str] = field(default_factory=set)
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    opened: int = 0
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    # The socket over which an envelope went last.
    _carriers: dict[str, web.WebSocketResponse] = field(default_factory=dict)

    def start(self, envelope: Envelope) -> None:
        """Start sending an envelope; in Socket Mode without a connection, it goes to the next one."""
        self.envelopes[envelope.id] = envelope
        asyncio.get_running_loop().create_task(self._send(envelope))

    async def _send(self, envelope: Envelope) -> None:
        if self.request_url:
            await self._request(envelope)
        elif self._sockets:
            # Over one after the other: an event reaches one process of an app.
            socket = self._sockets.pop(0)
            self._sockets.append(socket)
            # One that has just ended: then it goes to the next one that opens.
            with suppress(ConnectionError):
                await self._over(socket, envelope)

    async def send_again(self) -> None:
        """Send once more, as Slack does after minutes, what was sent and is not acknowledged, the last one first."""
        for envelope in reversed(list(self.envelopes.values())):
            if envelope.attempts and envelope.seconds is None:
                await self._send(envelope)

    async def post(
        self,
        kind: Kind,
        payload: dict[str, Any],
        *,
        secret: str = "",
        age: float = 0.0,
        without: str = "",
        retry: int = 0,
    ) -> tuple[int, str]:
        """Make a request that was signed `age` seconds ago, without one of the headers; return status and text.

        `retry`: how often it was made before.
        """
        raw, content_type = body_of(kind, payload)
        headers = {"Content-Type": content_type, **signature(raw, secret or self.secret, age)}
        if retry:
            headers["X-Slack-Retry-Num"] = str(retry)
        headers.pop(without, None)
        async with (
            ClientSession() as session,
            session.post(self.request_url, data=raw, headers=headers) as response,
        ):
            return response.status, await response.text()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve a socket that the bot opens."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets.append(socket)
        self.opened += 1
        await self.happened()
        for envelope in list(self.envelopes.values()):
            # A process that is slow still has it; one that was killed has it no more.
            if envelope.seconds is None and self._carriers.get(envelope.id) not in self._sockets:
                await self._over(socket, envelope)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                answer = message.json()
                await self._acknowledged(self.envelopes[answer["envelope_id"]], answer.get("payload") or {})
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket

    def cut(self) -> None:
        """Cut every socket without a word."""
        for socket in self._sockets:
            transport = socket._req.transport if socket._req else None
            if transport is not None:
                transport.abort()
        self._sockets.clear()

    async def close(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close()

    async def _over(self, socket: web.WebSocketResponse, envelope: Envelope) -> None:
        _sent(envelope)
        self._carriers[envelope.id] = socket
        await socket.send_json(
            {
                "type": envelope.kind,
                "envelope_id": envelope.id,
                "payload": envelope.payload,
                "accepts_response_payload": envelope.kind != "events_api",
                "retry_attempt": envelope.attempts - 1,
            }
        )

    async def _request(self, envelope: Envelope) -> None:
        while envelope.attempts < _ATTEMPTS[envelope.kind]:
            _sent(envelope)
            try:
                status, text = await self.post(envelope.kind, envelope.payload, retry=envelope.attempts - 1)
            except ClientError:
                continue
            if status == 200:
                return await self._acknowledged(envelope, _answer(text))

    async def _acknowledged(self, envelope: Envelope, answer: dict[str, Any]) -> None:
        self.mistakes += problems_of_acknowledgement(envelope.kind, answer)
        if self.deaf:
            self.unheard.add(envelope.id)
        else:
            envelope.answer = answer
            envelope.seconds = time.monotonic() - envelope.sent_at
        await self.happened()


def _sent(envelope: Envelope) -> None:
    envelope.attempts += 1
    envelope.sent_at = envelope.sent_at or time.monotonic()


def _answer(text: str) -> dict[str, Any]:
    """Return what a response holds: JSON, or a text alone."""
    try:
        answer: dict[str, Any] = json.loads(text) if text else {}
    except ValueError:
        return {"text": text}
    return answer
