"""A Slack of several workspaces in which people install one app: one Web API, and a token for each installation."""

from __future__ import annotations

import base64
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

from bot.slack.manifest import make_manifest
from tests.fake_slack.channels import error
from tests.fake_slack.events import Envelope, arguments_of, bearer_of
from tests.fake_slack.rules.methods import refusal
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.tokens import Code, Tokens
from tests.fake_slack.web_api import every_feature

ACCESS = "oauth.v2.access"
# Their order is not certain: https://docs.slack.dev/reference/events/app_uninstalled
UNINSTALLED = ("tokens_revoked", "app_uninstalled")


def app_manifest(url: str = "https://bot.example.org") -> dict[str, Any]:
    """Return the manifest of the bot with every feature, for several workspaces."""
    settings = every_feature()
    return make_manifest(settings, command=settings.command, url=url)


@dataclass
class FakePlatform:
    """The workspaces are in `workspaces` by team; each records the calls with its tokens, and stumbles by its faults.

    So does the workspace that a code or a refresh token belongs to; `calls` are those of `oauth.v2.access` alone.
    Tokens expire `expires_in` seconds after they are made.
    """

    client_id: str = "1.2"
    client_secret: str = "not-a-client-secret"  # noqa: S105  the fake's own
    signing_secret: str = "not-a-secret"  # noqa: S105  the fake's own
    manifest: dict[str, Any] = field(default_factory=app_manifest)
    expires_in: int = 43_200
    url: str = ""
    address: str = ""
    workspaces: dict[str, FakeSlack] = field(default_factory=dict)
    calls: list[tuple[dict[str, Any], float]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issued = Tokens()
        # The token of each workspace that works, or worked until it expired; none without the app.
        self.tokens = self.issued.present

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/{team}/api/upload/{id}", self._at(FakeSlack.take_upload))
        app.router.add_post("/{team}/api/respond/{id}", self._at(FakeSlack.take_response))
        app.router.add_get("/{team}/files-pri/{id}/{name}", self._at(self._file))
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    async def stop(self) -> None:
        # Before the server: calls that hang end with their workspace.
        for workspace in self.workspaces.values():
            await workspace.stop()
        await self._runner.cleanup()

    def add(
        self, team: str, *, name: str = "Test", organization: str = "", org_wide: bool = False
    ) -> FakeSlack:
        """Add a workspace in which the app is not installed, once started."""
        workspace = FakeSlack(
            team=team,
            name=name,
            organization=organization,
            org_wide=org_wide,
            bot_user=f"U0BOT{team[1:]}",
            signing_secret=self.signing_secret,
            manifest=self.manifest,
            # Of its files, uploads and responses.
            url=self.url.replace("/api/", f"/{team}/api/"),
        )
        workspace.scopes.clear()
        workspace.delivery.request_url = self.address
        self.workspaces[team] = workspace
        return workspace

    def reach(self, address: str) -> None:
        """Send the events of all workspaces to this address of the bot."""
        self.address = address
        for workspace in self.workspaces.values():
            workspace.delivery.request_url = address

    # What people do

    def agree(self, authorize_url: str, team: str, user: str = "U1") -> str:
        """Install the app on Slack's page; return the address that the browser is sent to, with a code.

        A redirect address of `http` is taken too, which in Slack must be of `https`.
        """
        asked, redirect = self._page(authorize_url)
        scopes = frozenset(asked["scope"].split(","))
        code = self.issued.code(Code(team, user, scopes, asked.get("redirect_uri", "")))
        return _address(redirect, {"code": code}, asked)

    def refuse(self, authorize_url: str) -> str:
        """Refuse on Slack's page (https://api.slack.com/docs/oauth); return the address the browser is sent to."""
        asked, redirect = self._page(authorize_url)
        return _address(redirect, {"error": "access_denied"}, asked)

    def install(self, team: str, user: str = "U1") -> dict[str, Any]:
        """Install the app with the scopes of the manifest; return the response of `oauth.v2.access` that a bot had."""
        scopes = frozenset(self.manifest["oauth_config"]["scopes"]["bot"])
        return self._installed(Code(team, user, scopes, ""))

    async def uninstall(self, team: str, events: tuple[str, ...] = UNINSTALLED) -> list[Envelope]:
        """Remove the app from a workspace; send these events, each once the one before is acknowledged."""
        self._forget(team)
        workspace = self.workspaces[team]
        return [await workspace.deliver(_event(kind, workspace)) for kind in events]

    def expire(self, team: str) -> None:
        """Let the present token of a workspace expire now, and those before it."""
        self.issued.expire(team)

    # What is seen

    @property
    def problems(self) -> list[str]:
        """What the bot sent that Slack, or its guidance, would find wrong."""
        found = [problem for workspace in self.workspaces.values() for problem in workspace.problems]
        return self.mistakes + found

    # The machinery

    def _page(self, authorize_url: str) -> tuple[dict[str, str], str]:
        """Return what an authorize URL asks for, and the redirect address, if Slack shows its page.

        https://docs.slack.dev/authentication/installing-with-oauth
        """
        parts = urlsplit(authorize_url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert parts.path == "/oauth/v2/authorize", "oauth_authorization_url_mismatch"
        assert asked.get("client_id") == self.client_id, "invalid_client_id"
        assert asked.get("scope"), "no_scopes"
        assert "user_scope" not in asked, "the manifest has no scopes of a person"
        beyond = set(asked["scope"].split(",")) - set(self.manifest["oauth_config"]["scopes"]["bot"])
        assert not beyond, f"the manifest has no {', '.join(sorted(beyond))}"
        known = self.manifest["oauth_config"]["redirect_urls"]
        redirect = asked.get("redirect_uri", known[0])
        assert any(redirect == url or redirect.startswith(f"{url}/") for url in known), "bad_redirect_uri"
        return asked, redirect

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["method"] == ACCESS:
            return await self._access(request)
        value = bearer_of(request)
        token = self.issued.known.get(value)
        if token is None:
            return web.json_response(error("invalid_auth" if value else "not_authed"))
        workspace = self.workspaces[token.team]

        def do(method: str, arguments: dict[str, Any]) -> dict[str, Any]:
            if token.error:
                return error(token.error)
            result = workspace.api.do(method, arguments, workspace.url)
            if method == "apps.uninstall" and result["ok"]:
                self._forget(workspace.team)
                for kind in UNINSTALLED:
                    workspace.send(_event(kind, workspace))
            return result

        return await workspace.answer(request, do)

    def _at(
        self, serve: Callable[[FakeSlack, web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await serve(self.workspaces[request.match_info["team"]], request)

        return handle

    async def _file(self, workspace: FakeSlack, request: web.Request) -> web.StreamResponse:
        """Serve a file with a token of its workspace; lead to the sign-in page with any other, as Slack does."""
        token = self.issued.known.get(bearer_of(request))
        if token is None or token.error or token.team != workspace.team:
            return web.Response(status=302, headers={"Location": "/?redir=%2Ffiles-pri"})
        return await workspace.hosted.serve(request)

    def _forget(self, team: str) -> None:
        self.issued.forget(team)
        self.workspaces[team].scopes.clear()

    async def _access(self, request: web.Request) -> web.StreamResponse:
        arguments = await arguments_of(request)
        self.calls.append((arguments, time.monotonic()))
        client = arguments.get("client_id", ""), arguments.get("client_secret", "")
        scheme, _, basic = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(basic).decode().partition(":")
            client = name, secret
        code = self.issued.codes.get(arguments.get("code", ""))
        team = code.team if code else self.issued.refresh.get(arguments.get("refresh_token", ""), "")
        if team:
            return await self.workspaces[team].answer(
                request, lambda _, given: self._exchange(given, *client)
            )
        return web.json_response(self._exchange(arguments, *client))

    def _exchange(self, arguments: dict[str, Any], client: str, secret: str) -> dict[str, Any]:
        """Do `oauth.v2.access`: https://docs.slack.dev/reference/methods/oauth.v2.access"""
        if wrong := refusal(ACCESS, arguments):
            self.mistakes += [f"{ACCESS}: {words}" for words in wrong.messages]
            return wrong.as_response()
        if client != self.client_id:
            return error("invalid_client_id")
        if secret != self.client_secret:
            return error("bad_client_secret")
        if "refresh_token" in arguments:
            team = self.issued.take(arguments["refresh_token"])
            return self._response(team) if team else error("invalid_refresh_token")
        code = self.issued.codes.get(arguments["code"])
        if code is None or code.is_old:
            return error("invalid_code")
        if code.redirect_uri and code.redirect_uri != arguments.get("redirect_uri"):
            return error("bad_redirect_uri")
        del self.issued.codes[arguments["code"]]
        return self._installed(code)

    def _installed(self, code: Code) -> dict[str, Any]:
        """Return the response to a code; its scopes are added to those of the workspace."""
        self.workspaces[code.team].scopes.update(code.scopes)
        return self._response(code.team) | {"authed_user": {"id": code.user}}

    def _response(self, team: str) -> dict[str, Any]:
        workspace = self.workspaces[team]
        organization = {"id": workspace.organization, "name": "Organization"}
        return {
            "ok": True,
            "app_id": "A0APP",
            "team": None if workspace.org_wide else {"id": team, "name": workspace.name},
            "enterprise": organization if workspace.organization else None,
            "is_enterprise_install": workspace.org_wide,
            "bot_user_id": workspace.bot_user,
            "scope": ",".join(sorted(workspace.scopes)),
            "token_type": "bot",
            **self.issued.issue(team, self.expires_in),
        }


def _event(kind: str, workspace: FakeSlack) -> dict[str, Any]:
    """https://docs.slack.dev/reference/events/tokens_revoked: the ids of those who had the tokens."""
    tokens = {"tokens": {"oauth": [], "bot": [workspace.bot_user]}} if kind == "tokens_revoked" else {}
    return {"type": kind, **tokens}


def _address(redirect: str, fields: dict[str, str], asked: dict[str, str]) -> str:
    fields |= {"state": asked["state"]} if "state" in asked else {}
    return f"{redirect}{'&' if urlsplit(redirect).query else '?'}{urlencode(fields)}"
