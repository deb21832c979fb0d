"""What the fake Slack's Web API refuses, called with Slack's own SDK: a fake that took it would hide a fault."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.cases import table
from tests.fake_slack.events import Envelope
from tests.fake_slack.rates import Rates
from tests.fake_slack.rules.methods import METHODS
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.web_api import own_manifest

MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Title"}, "blocks": [{"type": "divider"}]}
STREAM = {
    "channel": "C1",
    "recipient_user_id": "U1",
    "recipient_team_id": "T0TEAM",
    "markdown_text": "words",
}
# Calls, of which the last one is refused with this word. "ASKED" is a question, "LAST" the message of the call before.
REFUSED = [(case["error"], case["calls"]) for case in table("slack")["calls"]]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A fake of which a test breaks the rules on purpose; its app has every feature that the fake knows."""
    manifest = own_manifest()
    manifest["features"]["agent_view"] = {"agent_description": "Answers"}
    manifest["oauth_config"]["scopes"]["bot"] += ["assistant:write", "im:write", "im:read"]
    fake = FakeSlack(manifest=manifest)
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.url)


async def error_of(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as raised:
        await call
    answer: dict[str, Any] = raised.value.response.data
    return answer


@pytest.mark.parametrize(("error", "calls"), REFUSED, ids=[error for error, _ in REFUSED])
async def test_a_call_is_refused_with_slacks_word(
    slack: FakeSlack, client: AsyncWebClient, error: str, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    places = {"ASKED": slack.say("C1", "question")["ts"]}
    slack.messages["D1"] = slack.messages["C1"]

    def call(method: str, arguments: dict[str, Any]) -> Any:
        given = {key: places.get(str(value), value) for key, value in arguments.items() if value is not None}
        return client.api_call(method, json=given)

    *before, last = calls
    for one in before:
        places["LAST"] = (await call(*one)).get("ts")
    assert (await error_of(call(*last)))["error"] == error


@pytest.mark.parametrize(
    ("channel", "place", "needed"),
    [
        ("C1", {}, "channels:history"),
        ("C1", {"is_private": True}, "groups:history"),
        ("C1", {"is_mpim": True}, "mpim:history"),
        ("D1", {}, "im:history"),
    ],
)
async def test_a_call_without_its_scope_is_refused(
    slack: FakeSlack, client: AsyncWebClient, channel: str, place: dict[str, Any], needed: str
) -> None:
    slack.directory.places[channel] = place
    slack.scopes.discard(needed)

    refused = await error_of(client.conversations_history(channel=channel))
    assert (refused["error"], refused["needed"], slack.problems) == ("missing_scope", needed, [])

    slack.api.needed -= {needed}
    await error_of(client.conversations_history(channel=channel))
    assert slack.problems == [f"conversations.history needs {needed}, which is not in the manifest"]


@pytest.mark.parametrize("method", METHODS)
def test_one_call_more_than_the_rate_has_to_wait(method: str) -> None:
    rate = METHODS[method].rate
    rates = Rates()
    assert [rates.wait(method, "C1", 0.0) for _ in range(rate.calls + 1)] == [0] * (rate.calls + 1)

    rates.enforced = True
    waits = [rates.wait(method, "C1", 0.0) for _ in range(rate.calls + 1)]
    assert waits == [0] * rate.calls + [rate.seconds]
    is_of_channel = method in ("chat.postMessage", "assistant.threads.setStatus")
    assert (rates.wait(method, "C2", 0.0) == 0) == is_of_channel
    assert rates.wait(method, "C1", rate.seconds) == 0


async def test_a_stream_that_somebody_stopped_takes_no_more(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("C1", "question")["ts"]
    stream = await client.chat_startStream(**(STREAM | {"thread_ts": asked}))
    slack.streams.stopped_by_user.add(stream["ts"])

    call = client.chat_appendStream(channel="C1", ts=stream["ts"], markdown_text="more")
    assert (await error_of(call))["error"] == "stopped_by_user"


async def test_a_view_that_was_updated_meanwhile_is_not_overwritten(client: AsyncWebClient) -> None:
    opened = (await client.views_open(trigger_id="1", view=MODAL))["view"]
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)

    stale = client.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)
    assert (await error_of(stale))["error"] == "hash_conflict"


async def test_an_interaction_takes_five_responses(slack: FakeSlack) -> None:
    webhook = AsyncWebhookClient(f"{slack.url}respond/1.trigger")
    sent = [await webhook.send(text="words", response_type="ephemeral") for _ in range(6)]

    assert [response.status_code for response in sent] == [200] * 5 + [404]
    assert len(slack.problems) == 1


async def test_what_a_socket_took_with_it_goes_over_the_next_one_and_over_no_other(slack: FakeSlack) -> None:
    opened = await AsyncWebClient(base_url=slack.url).apps_connections_open(app_token=slack.app_token)
    pressed = Envelope({"type": "block_actions"}, "pressed", "interactive")
    async with ClientSession() as session:
        first, second = [await session.ws_connect(opened["url"]) for _ in range(2)]
        for socket in (first, second):
            await socket.receive_json()

        slack.delivery.start(pressed)
        assert (await first.receive_json())["envelope_id"] == "pressed"
        third = await session.ws_connect(opened["url"])
        await third.receive_json()
        await first.close()
        fourth = await session.ws_connect(opened["url"])
        await fourth.receive_json()
        assert (await fourth.receive_json())["envelope_id"] == "pressed"

    assert pressed.attempts == 2


async def test_message_is_never_behind_the_clock() -> None:
    slack = FakeSlack()
    slack.pass_time(-3_600)
    first, second = (float(slack.say("C1", "text")["ts"]) for _ in range(2))
    assert int(time.time()) <= first < second
