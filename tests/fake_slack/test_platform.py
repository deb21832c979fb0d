"""The fake Slack of several workspaces, called with Slack's own SDK: people install the app, and tokens are rotated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fake_slack.platform import UNINSTALLED, FakePlatform

REDIRECT = "https://bot.example.org/slack/oauth_redirect"


@pytest.fixture
async def platform() -> AsyncIterator[FakePlatform]:
    fake = FakePlatform()
    await fake.start()
    fake.add("T1")
    fake.add("T2", name="Second")
    yield fake
    await fake.stop()


@pytest.fixture
async def received(platform: FakePlatform) -> AsyncIterator[list[dict[str, Any]]]:
    """The events that reach the address of the bot."""
    events: list[dict[str, Any]] = []

    async def receive(request: web.Request) -> web.Response:
        events.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/slack/events", receive)
    async with TestServer(app) as server:
        platform.reach(str(server.make_url("/slack/events")))
        yield events


def authorize_url(platform: FakePlatform, **changes: str) -> str:
    asked = {"client_id": platform.client_id, "scope": "chat:write,users:read", "state": "s"} | changes
    return f"https://slack.com/oauth/v2/authorize?{urlencode(asked)}"


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def as_team(platform: FakePlatform, token: str = "") -> AsyncWebClient:
    return AsyncWebClient(token, base_url=platform.url)


async def access(platform: FakePlatform, **arguments: str) -> dict[str, Any]:
    """Call `oauth.v2.access`; return the response, be it an error."""
    credentials = {"client_id": platform.client_id, "client_secret": platform.client_secret}
    try:
        response = await as_team(platform).oauth_v2_access(**(credentials | arguments))
    except SlackApiError as raised:
        response = raised.response
    data: dict[str, Any] = response.data
    return data


async def renew(platform: FakePlatform, refresh: str) -> dict[str, Any]:
    return await access(platform, grant_type="refresh_token", refresh_token=refresh)


async def error_of(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def error_with(platform: FakePlatform, token: str) -> str:
    """Return the error of a call with this token."""
    return await error_of(as_team(platform, token).auth_test())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"code": "wrong"}, "invalid_code"),
        ({"redirect_uri": f"{REDIRECT}/other"}, "bad_redirect_uri"),
    ],
)
async def test_wrong_credentials_and_codes_are_refused(
    platform: FakePlatform, changes: dict[str, str], error: str
) -> None:
    code = code_in(platform.agree(authorize_url(platform, redirect_uri=REDIRECT), "T1"))

    assert (await access(platform, **({"code": code, "redirect_uri": REDIRECT} | changes)))["error"] == error
    assert platform.tokens == {}


async def test_a_code_is_exchanged_once(platform: FakePlatform) -> None:
    code = code_in(platform.agree(authorize_url(platform), "T1"))
    await access(platform, code=code)

    assert (await access(platform, code=code))["error"] == "invalid_code"


async def test_a_token_is_renewed_and_the_former_works_on(platform: FakePlatform) -> None:
    former = platform.install("T1")
    renewed = await renew(platform, former["refresh_token"])

    assert renewed["access_token"] == platform.tokens["T1"] != former["access_token"]
    for token in (former["access_token"], renewed["access_token"]):
        assert (await as_team(platform, token).auth_test())["team_id"] == "T1"


async def test_two_tokens_of_a_workspace_work_at_most(platform: FakePlatform) -> None:
    first = platform.install("T1")
    second = await renew(platform, first["refresh_token"])
    await renew(platform, second["refresh_token"])

    assert await error_with(platform, first["access_token"]) == "account_inactive"
    assert (await as_team(platform, second["access_token"]).auth_test())["ok"]


async def test_a_refresh_token_works_once(platform: FakePlatform) -> None:
    refresh = platform.install("T1")["refresh_token"]
    await renew(platform, refresh)

    assert (await renew(platform, refresh))["error"] == "invalid_refresh_token"


async def test_an_expired_token_is_refused_until_it_is_renewed(platform: FakePlatform) -> None:
    installed = platform.install("T1")
    other = platform.install("T2")["access_token"]
    platform.expire("T1")

    assert await error_with(platform, installed["access_token"]) == "token_expired"
    renewed = await renew(platform, installed["refresh_token"])
    assert (await as_team(platform, renewed["access_token"]).auth_test())["ok"]
    assert (await as_team(platform, other).auth_test())["ok"]


@pytest.mark.parametrize("order", [UNINSTALLED, UNINSTALLED[::-1]])
async def test_an_uninstalled_app_hears_of_it_and_has_no_token(
    platform: FakePlatform, received: list[dict[str, Any]], order: tuple[str, ...]
) -> None:
    installed = platform.install("T1")
    await platform.uninstall("T1", order)

    assert [(body["team_id"], body["event"]["type"]) for body in received] == [("T1", kind) for kind in order]
    [tokens] = [body["event"]["tokens"] for body in received if "tokens" in body["event"]]
    assert tokens == {"oauth": [], "bot": ["U0BOT1"]}
    assert [body["authorizations"][0]["is_bot"] for body in received] == [False, False]
    assert await error_with(platform, installed["access_token"]) == "account_inactive"
    assert (await renew(platform, installed["refresh_token"]))["error"] == "invalid_refresh_token"


async def test_a_file_is_served_with_a_token_of_its_workspace_alone(platform: FakePlatform) -> None:
    platform.workspaces["T1"].hosted.add("a.txt", b"words")
    client = as_team(platform, str(platform.install("T1")["access_token"]))
    address = (await client.files_info(file="F1SHARED"))["file"]["url_private_download"]
    other = str(platform.install("T2")["access_token"])

    async with ClientSession() as session:
        for token, status in ((client.token, 200), (other, 302)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(address, headers=headers, allow_redirects=False) as response:
                assert response.status == status
