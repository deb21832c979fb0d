"""A Slack of our own on loopback: Web API, Socket Mode and signed events, with a memory.

Like Slack it delivers an event again that was not acknowledged, refuses what breaks its rules (see `rules`), and gives
the bot's token the scopes of the app's manifest. Unlike Slack it stumbles on command (see Fault), and refuses calls
above the allowed rates only where a test wants it (`rates.enforced`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

from aiohttp import web

from tests.fake_slack.channels import Message, error
from tests.fake_slack.delivery import Delivery
from tests.fake_slack.events import Envelope, arguments_of, bearer_of
from tests.fake_slack.faults import Fault
from tests.fake_slack.limits import problems_of_response
from tests.fake_slack.people import People
from tests.fake_slack.rates import Rates
from tests.fake_slack.rules.methods import METHODS
from tests.fake_slack.web_api import WebApi, own_manifest

# https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: five within 30 minutes.
_MOST_RESPONSES = 5
# What these say concerns whoever installed the app (https://docs.slack.dev/reference/events/app_uninstalled).
_OF_INSTALLATIONS = ("app_uninstalled", "tokens_revoked")


@dataclass
class FakeSlack(People):
    """One workspace with one bot. Wait on it with `until`, which wakes at everything that happens.

    The app is what its `manifest` makes of it; `scopes` are those that its token was granted. With an `organization`
    this is one of its workspaces; the app is installed in all of them where `org_wide`, else in this one.
    """

    team: str = "T0TEAM"
    name: str = "Test"
    organization: str = ""
    org_wide: bool = True
    bot_user: str = "U0BOT"
    bot_token: str = "xoxb-good"  # noqa: S105  the fake's own
    app_token: str = "xapp-good"  # noqa: S105  the fake's own
    signing_secret: str = "not-a-secret"  # noqa: S105  the fake's own
    url: str = ""
    calls: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    manifest: dict[str, Any] = field(default_factory=own_manifest)
    rates: Rates = field(default_factory=Rates)
    responses: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    # The triggers whose address for responses takes no more, as after half an hour.
    expired: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        # Person and thread -> the trigger of what they did there last.
        self._acted: dict[tuple[str, str], str] = {}
        self.org_wide = self.org_wide and bool(self.organization)
        who: dict[str, Any] = {
            "team": self.name,
            "team_id": self.team,
            "user": "itubot",
            "user_id": self.bot_user,
        }
        who["is_enterprise_install"] = self.org_wide
        if self.organization:
            who["enterprise_id"] = self.organization
        self.api = api = WebApi(who, self.manifest, self._now)
        self.channels, self.messages, self.directory = api.channels, api.channels.messages, api.directory
        self.streams, self.agents, self.forms = api.streams, api.agents, api.forms
        self.uploads, self.hosted, self.scopes = api.uploads, api.hosted, api.scopes
        self._happened = asyncio.Condition()
        self._let_go = asyncio.Event()
        self._began = int(time.time())
        self.delivery = Delivery(self.signing_secret, self._notify)
        self.envelopes = self.delivery.envelopes
        self._stumbling: dict[str, tuple[Iterator[int | None], Iterator[Fault]]] = {}
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self.delivery.serve)
        app.router.add_post("/api/upload/{id}", self.take_upload)
        app.router.add_get("/files-pri/{id}/{name}", self.hosted.serve)
        app.router.add_post("/api/respond/{id}", self.take_response)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    def let_go(self) -> None:
        """End the calls that hang; further ones do not."""
        self._let_go.set()

    async def stop(self) -> None:
        self.let_go()
        await self.delivery.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # What people do

    async def command(
        self, text: str, *, channel: str = "C1", trigger: str = "", user: str = "U1"
    ) -> Envelope:
        """Have somebody type the command and a text; wait until it is acknowledged."""
        body = self.command_body(text, channel=channel, trigger=trigger, user=user)
        return await self._acknowledged(Envelope(body, f"envelope-{next(self._numbers)}", "slash_commands"))

    async def interact(self, payload: dict[str, Any], user: str, trigger: str) -> Envelope:
        """Send what somebody did with a button, a form or a shortcut; wait until it is acknowledged."""
        payload = self.interaction(payload, user, trigger)
        if thread := _thread_of(payload):
            self._acted[user, thread] = trigger
        return await self._acknowledged(Envelope(payload, f"envelope-{next(self._numbers)}", "interactive"))

    def interaction(self, payload: dict[str, Any], user: str, trigger: str) -> dict[str, Any]:
        """Return the body that says what somebody did."""
        who: dict[str, Any] = {
            "team": {"id": self.team, "domain": "test"},
            "user": {"id": user, "name": "amina"},
        }
        if self.organization:
            who |= {"enterprise": {"id": self.organization}, "is_enterprise_install": self.org_wide}
        self._admit(user)
        return {**payload, **who, "trigger_id": trigger}

    def new_trigger(self) -> str:
        """Return the `trigger_id` of what somebody does now."""
        return f"{next(self._numbers)}.trigger"

    def command_body(
        self, text: str, *, channel: str = "C1", trigger: str = "", user: str = "U1"
    ) -> dict[str, str]:
        """Return the body of a slash command; its `trigger_id` also names where responses to it arrive."""
        self._admit(user)
        trigger = trigger or self.new_trigger()
        return {
            "team_id": self.team,
            "channel_id": channel,
            "user_id": user,
            "command": self.manifest["features"]["slash_commands"][0]["command"],
            "text": text,
            "api_app_id": "A0APP",
            "response_url": f"{self.url}respond/{trigger}",
            "trigger_id": trigger,
            "enterprise_id": self.organization,
            "is_enterprise_install": str(self.org_wide).lower(),
        }

    async def response(self, envelope: Envelope, *, seconds: float = 120.0) -> Message:
        """Wait for the first reply to a command or an action."""
        responses = self.responses[envelope.payload["trigger_id"]]
        await self.until(lambda: bool(responses), seconds)
        return responses[0]

    async def deliver(self, event: dict[str, Any], event_id: str = "") -> Envelope:
        """Send an event, and wait until it is acknowledged."""
        envelope = self.send(event, event_id)
        await self.until(lambda: envelope.seconds is not None)
        return envelope

    async def repeat(self, envelope: Envelope) -> Envelope:
        """Send what an envelope holds in another one, and wait until that is acknowledged."""
        again = Envelope(envelope.payload, f"envelope-{next(self._numbers)}", envelope.kind)
        return await self._acknowledged(again)

    def send(self, event: dict[str, Any], event_id: str = "") -> Envelope:
        """Send an event, in Socket Mode also with the next socket that opens."""
        payload = self.callback(event, event_id)
        envelope = Envelope(payload, f"envelope-{next(self._numbers)}")
        self.delivery.start(envelope)
        return envelope

    def callback(self, event: dict[str, Any], event_id: str = "") -> dict[str, Any]:
        """Return the body that carries an event; the manifest has to name all but those of the assistant view."""
        self._admit(event.get("user", ""))
        kind = str(event["type"])
        if kind == "message":
            kind = f"message.{self.directory.kind(event['channel'])}"
        events = self.manifest["settings"]["event_subscriptions"]["bot_events"]
        assert kind.startswith("assistant_") or kind in events, f"the manifest subscribes to no {kind}"
        return {
            "type": "event_callback",
            "team_id": self.team,
            "api_app_id": "A0APP",
            "event_id": event_id or f"Ev{next(self._numbers)}",
            "event_time": int(time.time()),
            "event": event,
            "authorizations": [
                {
                    "enterprise_id": self.organization or None,
                    "team_id": None if self.org_wide else self.team,
                    "user_id": "U1" if kind in _OF_INSTALLATIONS else self.bot_user,
                    "is_bot": kind not in _OF_INSTALLATIONS,
                    "is_enterprise_install": self.org_wide,
                }
            ],
        }

    def pass_time(self, seconds: int) -> None:
        """Let messages from here on carry times that are so much later."""
        self._began += seconds

    def stumble(self, method: str, faults: list[Fault], *, every: int) -> None:
        """Let every so-manieth call of a method go wrong, in the ways given, one after the other."""
        self._stumbling[method] = (cycle([*[None] * (every - 1), 1]), cycle(faults))

    # What is seen

    @property
    def problems(self) -> list[str]:
        """What the bot sent that Slack, or its guidance, would find wrong."""
        return self.api.mistakes + self.uploads.problems + self.delivery.mistakes

    def replies(self, channel: str, thread: str = "") -> list[Message]:
        """Return the bot's messages in a thread, or in a channel outside threads; of direct messages in all of them."""
        return [
            message
            for message in self.messages[channel]
            if message["user"] == self.bot_user
            and (message.get("thread_ts", "") == thread or (channel.startswith("D") and not thread))
        ]

    async def reply(self, channel: str, thread: str = "", number: int = 1) -> Message:
        """Wait for the bot's reply of that number."""
        await self.until(lambda: len(self.replies(channel, thread)) >= number)
        return self.replies(channel, thread)[number - 1]

    def called(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of each call of a method so far."""
        return [arguments for name, arguments, _ in self.calls if name == method]

    def channel_of(self, message: Message) -> str:
        """Return where a message is, "" for one that is in no channel."""
        return next((name for name, known in self.messages.items() if any(m is message for m in known)), "")

    def connections(self) -> int:
        """Return how many sockets were opened so far."""
        return self.delivery.opened

    async def until(self, happened: Callable[[], bool], seconds: float = 120.0) -> None:
        """Wait until `happened()`; it is asked after everything that happens here.

        Raises TimeoutError that says what did happen.
        """
        try:
            async with asyncio.timeout(seconds), self._happened:
                await self._happened.wait_for(happened)
        except TimeoutError:
            raise TimeoutError(self._seen(seconds)) from None

    def _seen(self, seconds: float) -> str:
        """Return what happened here so far, of which the last `seconds` apart, for whoever has waited in vain."""
        since = time.monotonic() - seconds
        lines = [
            f"{method}: {len(times)} calls, {sum(at > since for at in times)} of them in {seconds:.0f} s"
            for method in sorted({name for name, _, _ in self.calls})
            if (times := [at for name, _, at in self.calls if name == method])
        ]
        waiting = [one.id for one in self.delivery.envelopes.values() if one.seconds is None]
        said = [message.get("text", "")[:80] for sent in self.messages.values() for message in sent[-3:]]
        return "\n".join([f"not within {seconds:.0f} s", *lines, f"not acknowledged: {waiting}", *said[-20:]])

    async def cut_connections(self) -> None:
        """Cut every socket without a word, as a failing network does."""
        self.delivery.cut()

    # The machinery

    def _admit(self, user: str) -> None:
        """Slack keeps guests from apps that are agents (https://docs.slack.dev/ai/developing-agents)."""
        is_guest = self.directory.people.get(user, {}).get("is_restricted", False)
        assert not (is_guest and self.agents.is_agent), "a guest cannot reach an app that is an agent"

    def _now(self) -> str:
        number = next(self._numbers)
        # A second for each message, and never behind the clock by which the bot asks for what came since.
        self._began = max(self._began, int(time.time()) - number)
        return f"{self._began + number}.{number:06d}"

    async def _notify(self) -> None:
        async with self._happened:
            self._happened.notify_all()

    async def _acknowledged(self, envelope: Envelope) -> Envelope:
        self.delivery.start(envelope)
        await self.until(lambda: envelope.seconds is not None)
        return envelope

    async def _api(self, request: web.Request) -> web.StreamResponse:
        token = bearer_of(request)

        def do(method: str, arguments: dict[str, Any]) -> dict[str, Any]:
            needed = self.app_token if method == "apps.connections.open" else self.bot_token
            if token != needed:
                return error("invalid_auth")
            result = self.api.do(method, arguments, self.url)
            if method == "chat.postEphemeral" and result["ok"]:
                self._note_reply(arguments)
            return result

        return await self.answer(request, do)

    def _note_reply(self, private: dict[str, Any]) -> None:
        """Count a private message in a thread as a response to what its reader did there last."""
        if trigger := self._acted.get((private["user"], private.get("thread_ts", ""))):
            self.responses[trigger].append(private)
            self.directory.whispers.remove(private)

    async def answer(
        self, request: web.Request, do: Callable[[str, dict[str, Any]], dict[str, Any]]
    ) -> web.StreamResponse:
        """Answer a call with what `do(method, arguments)` returns, or stumble; the call is counted."""
        method = request.match_info["method"]
        arguments = await arguments_of(request)
        self.calls.append((method, arguments, time.monotonic()))
        fault = self._fault(method) or self._too_often(method, arguments)
        result = do(method, arguments) if fault is None or fault.done else {}
        await self._notify()
        if fault is None:
            # https://docs.slack.dev/authentication/installing-with-oauth#scopes
            return web.json_response(result, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})
        if fault.kind == "429":
            headers = {"Retry-After": str(fault.retry_after)}
            return web.json_response(error("ratelimited"), status=429, headers=headers)
        if fault.kind == "500":
            return web.json_response(error("internal_error"), status=500)
        if fault.kind == "refuse":
            return web.json_response(error(fault.error))
        if fault.kind == "hang":
            await self._let_go.wait()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def take_upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file at the address that an upload was given."""
        await self._notify()
        pieces = request.content.iter_any()
        status = await self.uploads.receive(request.match_info["id"], pieces, request.content_length)
        return web.Response(text="OK", status=status)

    async def take_response(self, request: web.Request) -> web.Response:
        """Take a reply at the address that a command or an interaction came with."""
        message, trigger = await request.json(), request.match_info["id"]
        self.calls.append(("response_url", message, time.monotonic()))
        fault = self._fault("response_url")
        if trigger in self.expired:
            return web.json_response(error("expired_url"), status=404)
        if fault is not None and fault.kind == "refuse":
            return web.json_response(error(fault.error), status=400)
        if len(self.responses[trigger]) == _MOST_RESPONSES:
            self.api.mistakes.append(f"more than {_MOST_RESPONSES} responses to one interaction")
            return web.json_response(error("used_url"), status=404)
        self.api.mistakes += problems_of_response(message)
        self.api.check_private(message)
        if fault is None or fault.done:
            self.responses[trigger].append(message)
        await self._notify()
        if fault is not None and fault.kind == "hang":
            await self._let_go.wait()
        return web.Response(text="ok") if fault is None else web.Response(text="error", status=500)

    def _fault(self, method: str) -> Fault | None:
        if self.faults[method]:
            return self.faults[method].pop(0)
        turn, faults = self._stumbling.get(method, (iter(()), iter(())))
        return next(faults) if next(turn, None) else None

    def _too_often(self, method: str, arguments: dict[str, Any]) -> Fault | None:
        if method not in METHODS:
            return None
        channel = str(arguments.get("channel") or arguments.get("channel_id", ""))
        seconds = self.rates.wait(method, channel, time.monotonic())
        return Fault("429", retry_after=seconds) if seconds else None


def _thread_of(payload: dict[str, Any]) -> str:
    """Return the thread in which somebody did something, in a window that in which it was opened."""
    message, container = payload.get("message") or {}, payload.get("container") or {}
    opened = json.loads((payload.get("view") or {}).get("private_metadata") or "{}")
    window = opened.get("thread") if isinstance(opened, dict) else ""
    return str(message.get("thread_ts") or container.get("thread_ts") or window or "")
