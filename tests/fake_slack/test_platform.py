"""The fake Slack of several workspaces, called with Slack's own SDK: people install the app, and tokens are rotated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fake_slack.faults import Fault
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


async def test_a_code_is_exchanged_for_a_token_of_its_workspace(platform: FakePlatform) -> None:
    installed = await access(platform, code=code_in(platform.agree(authorize_url(platform), "T2", "U7")))

    token, refresh = installed.pop("access_token"), installed.pop("refresh_token")
    assert installed == {
        "ok": True,
        "app_id": "A0APP",
        "team": {"id": "T2", "name": "Second"},
        "enterprise": None,
        "is_enterprise_install": False,
        "bot_user_id": "U0BOT2",
        "scope": "chat:write,users:read",
        "token_type": "bot",
        "expires_in": 43_200,
        "authed_user": {"id": "U7"},
    }
    assert token == platform.tokens["T2"]
    assert refresh.startswith("xoxe-1-")
    assert platform.problems == []


async def test_a_call_reaches_the_workspace_of_its_token(platform: FakePlatform) -> None:
    first, second = platform.install("T1")["access_token"], platform.install("T2")["access_token"]

    await as_team(platform, first).chat_postMessage(channel="C1", text="one")
    await as_team(platform, second).chat_postMessage(channel="C1", text="two")

    texts = [[message["text"] for message in each.messages["C1"]] for each in platform.workspaces.values()]
    assert texts == [["one"], ["two"]]
    assert platform.workspaces["T1"].called("chat.postMessage") == [{"channel": "C1", "text": "one"}]


async def test_a_token_has_the_scopes_that_were_asked(platform: FakePlatform) -> None:
    await access(platform, code=code_in(platform.agree(authorize_url(platform, scope="users:read"), "T1")))

    call = as_team(platform, platform.tokens["T1"]).chat_postMessage(channel="C1", text="words")
    assert await error_of(call) == "missing_scope"


async def test_the_browser_is_sent_back_with_the_state(platform: FakePlatform) -> None:
    address = platform.agree(authorize_url(platform, state="a b"), "T1")

    assert address.startswith(f"{REDIRECT}?code=")
    assert parse_qs(urlsplit(address).query)["state"] == ["a b"]


async def test_a_refusal_has_no_code(platform: FakePlatform) -> None:
    assert platform.refuse(authorize_url(platform)) == f"{REDIRECT}?error=access_denied&state=s"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"scope": "chat:write,admin"}, "the manifest has no admin"),
        ({"redirect_uri": "https://elsewhere.example.org"}, "bad_redirect_uri"),
    ],
)
async def test_no_page_is_shown_for_a_wrong_address(
    platform: FakePlatform, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(AssertionError, match=words):
        platform.agree(authorize_url(platform, **changes), "T1")


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


async def test_credentials_may_be_in_the_form(platform: FakePlatform) -> None:
    code = code_in(platform.agree(authorize_url(platform), "T1"))
    form = {"client_id": platform.client_id, "client_secret": platform.client_secret, "code": code}
    assert (await as_team(platform).api_call("oauth.v2.access", data=form))["ok"]


async def test_a_code_is_exchanged_once(platform: FakePlatform) -> None:
    code = code_in(platform.agree(authorize_url(platform), "T1"))
    await access(platform, code=code)

    assert (await access(platform, code=code))["error"] == "invalid_code"


async def test_a_code_is_of_no_use_after_ten_minutes(platform: FakePlatform) -> None:
    code = code_in(platform.agree(authorize_url(platform), "T1"))
    codes = platform.issued.codes
    codes[code] = replace(codes[code], made_at=codes[code].made_at - 601)

    assert (await access(platform, code=code))["error"] == "invalid_code"


async def test_a_refresh_token_without_its_grant_type_is_a_mistake(platform: FakePlatform) -> None:
    refresh = platform.install("T1")["refresh_token"]

    assert (await access(platform, refresh_token=refresh))["error"] == "invalid_arguments"
    assert "grant_type" in platform.problems[0]


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


async def test_a_refresh_token_may_work_again_for_a_short_while(platform: FakePlatform) -> None:
    platform.issued.used_again = True
    refresh = platform.install("T1")["refresh_token"]
    await renew(platform, refresh)

    assert (await renew(platform, refresh))["ok"]


async def test_a_renewal_whose_response_is_lost_is_done(platform: FakePlatform) -> None:
    refresh = platform.install("T1")["refresh_token"]
    platform.workspaces["T1"].faults["oauth.v2.access"] = [Fault("500", done=True)]

    assert (await renew(platform, refresh))["error"] == "internal_error"
    assert (await renew(platform, refresh))["error"] == "invalid_refresh_token"


async def test_an_expired_token_is_refused_until_it_is_renewed(platform: FakePlatform) -> None:
    installed = platform.install("T1")
    other = platform.install("T2")["access_token"]
    platform.expire("T1")

    assert await error_with(platform, installed["access_token"]) == "token_expired"
    renewed = await renew(platform, installed["refresh_token"])
    assert (await as_team(platform, renewed["access_token"]).auth_test())["ok"]
    assert (await as_team(platform, other).auth_test())["ok"]


async def test_tokens_are_not_rotated_where_that_is_off(platform: FakePlatform) -> None:
    platform.rotation = False
    installed = platform.install("T1")

    assert not {"refresh_token", "expires_in"} & set(installed)
    assert platform.install("T1")["access_token"] == installed["access_token"]


@pytest.mark.parametrize(("token", "error"), [("", "not_authed"), ("xoxb-unknown", "invalid_auth")])
async def test_a_token_that_was_never_given_is_refused(
    platform: FakePlatform, token: str, error: str
) -> None:
    assert await error_with(platform, token) == error


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


async def test_scopes_of_an_app_end_when_it_is_uninstalled(platform: FakePlatform) -> None:
    platform.install("T1")
    await platform.uninstall("T1", events=())
    code = code_in(platform.agree(authorize_url(platform, scope="users:read"), "T1"))

    assert (await access(platform, code=code))["scope"] == "users:read"


async def test_an_app_that_uninstalls_itself_hears_of_it(
    platform: FakePlatform, received: list[dict[str, Any]]
) -> None:
    credentials = {"client_id": platform.client_id, "client_secret": platform.client_secret}
    await as_team(platform, platform.install("T1")["access_token"]).apps_uninstall(**credentials)

    workspace = platform.workspaces["T1"]
    await workspace.until(lambda: all(each.seconds is not None for each in workspace.envelopes.values()))
    assert {body["event"]["type"] for body in received} == set(UNINSTALLED)
    assert platform.tokens == {}


async def test_an_app_of_an_organization_has_no_team(platform: FakePlatform) -> None:
    platform.add("T3", organization="E1", org_wide=True)
    platform.add("T4", organization="E1")

    whole, one = platform.install("T3"), platform.install("T4")
    assert (whole["team"], whole["is_enterprise_install"]) == (None, True)
    assert (one["team"]["id"], one["is_enterprise_install"]) == ("T4", False)
    assert whole["enterprise"] == one["enterprise"] == {"id": "E1", "name": "Organization"}


async def test_an_event_of_each_workspace_reaches_the_bot(
    platform: FakePlatform, received: list[dict[str, Any]]
) -> None:
    await asyncio.gather(*(each.mention("C1", "hello") for each in platform.workspaces.values()))

    assert {body["team_id"] for body in received} == {"T1", "T2"}


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


async def test_a_response_reaches_the_workspace_of_its_command(platform: FakePlatform) -> None:
    workspace = platform.workspaces["T2"]
    body = workspace.command_body("help", trigger="1.trigger")

    await AsyncWebhookClient(body["response_url"]).send(text="words", response_type="ephemeral")

    assert [message["text"] for message in workspace.responses["1.trigger"]] == ["words"]
