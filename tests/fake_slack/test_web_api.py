"""The fake Slack's Web API, called with Slack's own SDK: scopes, errors, rates and what methods do."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fake_slack.events import Envelope
from tests.fake_slack.rules.methods import TIER_3
from tests.fake_slack.slack import FakeSlack
from tests.fake_slack.web_api import own_manifest

MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Title"},
    "blocks": [{"type": "divider"}],
}
HOME = {"type": "home", "blocks": [{"type": "divider"}]}
WHO = {"recipient_user_id": "U1", "recipient_team_id": "T0TEAM"}


@pytest.fixture
async def slack() -> Any:
    """A fake of which a test breaks the rules on purpose; its app has every feature that the fake knows."""
    manifest = own_manifest()
    manifest["features"]["app_home"]["home_tab_enabled"] = True
    manifest["features"]["agent_view"] = {"agent_description": "Answers"}
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    scopes += [scope for scope in ("assistant:write", "im:write", "im:read") if scope not in scopes]
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


async def test_the_token_has_the_scopes_of_the_manifest(slack: FakeSlack, client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    granted = set(answer.headers["x-oauth-scopes"].split(","))
    assert granted == set(slack.manifest["oauth_config"]["scopes"]["bot"])


async def test_a_call_without_its_scope_is_refused(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.scopes.discard("users:read")

    answer = await error_of(client.users_info(user="U1"))

    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
    assert "users:read" not in answer["provided"].split(",")
    assert slack.problems == []


@pytest.mark.parametrize(
    ("channel", "place", "needed"),
    [
        ("C1", {}, "channels:history"),
        ("C1", {"is_private": True}, "groups:history"),
        ("C1", {"is_mpim": True}, "mpim:history"),
        ("D1", {}, "im:history"),
    ],
)
async def test_the_scope_follows_the_kind_of_the_conversation(
    slack: FakeSlack, client: AsyncWebClient, channel: str, place: dict[str, Any], needed: str
) -> None:
    slack.directory.places[channel] = place
    slack.scopes.discard(needed)

    assert (await error_of(client.conversations_history(channel=channel)))["needed"] == needed


async def test_a_scope_that_the_manifest_lacks_is_a_mistake() -> None:
    manifest = own_manifest()
    manifest["oauth_config"]["scopes"]["bot"].remove("chat:write")
    slack = FakeSlack(manifest=manifest)
    await slack.start()
    try:
        client = AsyncWebClient(slack.bot_token, base_url=slack.url)
        await error_of(client.chat_postMessage(channel="C1", text="words"))
        assert slack.problems == ["chat.postMessage needs chat:write, which is not in the manifest"]
    finally:
        await slack.stop()


async def test_a_call_against_the_rules_is_refused_and_remembered(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    answer = await error_of(client.chat_postMessage(channel="C1", text="words", blocks=[{"type": "section"}]))

    assert answer["error"] == "invalid_blocks"
    assert "neither text nor fields" in answer["response_metadata"]["messages"][0]
    assert len(slack.problems) == 1
    assert slack.messages["C1"] == []


async def test_a_method_without_rules_is_a_mistake(slack: FakeSlack, client: AsyncWebClient) -> None:
    assert (await error_of(client.api_call("chat.unfurl")))["error"] == "unknown_method"
    assert "chat.unfurl" in slack.problems[0]


async def test_calls_a_minute_are_counted(slack: FakeSlack, client: AsyncWebClient) -> None:
    for _ in range(3):
        await client.users_info(user="U1")

    assert slack.busiest_minute("users.info") == 3
    assert slack.busiest_minute("chat.update") == 0


async def test_rates_are_enforced_where_a_test_wants_it(slack: FakeSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="words"))["ts"]
    slack.rates.enforced = True
    for _ in range(TIER_3.calls):
        await client.chat_update(channel="C1", ts=ts, text="words")

    with pytest.raises(SlackApiError) as raised:
        await client.chat_update(channel="C1", ts=ts, text="words")

    assert raised.value.response.status_code == 429
    assert 1 <= int(raised.value.response.headers["Retry-After"]) <= 60


async def test_two_messages_a_second_to_a_channel_are_too_many(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.rates.enforced = True
    await client.chat_postMessage(channel="C1", text="words")
    await client.chat_postMessage(channel="C2", text="words")

    assert (await error_of(client.chat_postMessage(channel="C1", text="words")))["error"] == "ratelimited"


async def test_direct_messages_are_opened_before_they_are_read(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    opened = await client.conversations_open(users="U7")

    assert opened["channel"]["id"] == "D7"
    assert (await client.conversations_history(channel="D7"))["messages"] == []
    assert (await error_of(client.conversations_history(channel="U7")))["error"] == "channel_not_found"


async def test_status_is_shown_until_a_message_is_posted(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("C1", "question")["ts"]
    await client.assistant_threads_setStatus(channel_id="C1", thread_ts=asked, status="is searching")
    assert slack.agents.shown == {asked: "is searching"}

    await client.chat_postMessage(channel="C1", thread_ts=asked, text="answer")
    assert slack.agents.shown == {}


async def test_a_status_needs_a_thread(client: AsyncWebClient) -> None:
    call = client.assistant_threads_setStatus(channel_id="C1", thread_ts="1.0", status="is searching")
    assert (await error_of(call))["error"] == "invalid_thread_ts"


async def test_prompts_with_a_thread_fail_silently_for_an_agent(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    prompts = [{"title": "Next", "message": "What is next?"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id="D1", prompts=prompts)
    assert slack.agents.prompts == {"D1": prompts}

    asked = slack.say("D1", "question")["ts"]
    await client.assistant_threads_setSuggestedPrompts(channel_id="D1", thread_ts=asked, prompts=prompts)
    assert slack.agents.prompts == {"D1": prompts}


async def test_a_session_is_made_then_renamed(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("D1", "question")["ts"]
    where = {"channel_id": "D1", "thread_ts": asked}
    renamed = {"api_method": "agents.sessions.rename", "json": where | {"title": "The summit"}}
    assert (await error_of(client.api_call(**renamed)))["error"] == "session_not_found"

    await client.api_call("agents.sessions.setStatus", json=where | {"status": "processing"})
    await client.api_call(**renamed)

    assert slack.agents.sessions == {asked: ["processing"]}
    assert slack.agents.titles == {asked: "The summit"}


async def test_a_trigger_opens_one_view(client: AsyncWebClient) -> None:
    await client.views_open(trigger_id="1.a", view=MODAL)

    assert (await error_of(client.views_open(trigger_id="1.a", view=MODAL)))[
        "error"
    ] == "exchanged_trigger_id"


async def test_three_views_are_stacked(client: AsyncWebClient) -> None:
    await client.views_open(trigger_id="1", view=MODAL)
    await client.views_push(trigger_id="2", view=MODAL)
    await client.views_push(trigger_id="3", view=MODAL)

    assert (await error_of(client.views_push(trigger_id="4", view=MODAL)))["error"] == "push_limit_reached"


async def test_a_view_is_updated_by_its_id(slack: FakeSlack, client: AsyncWebClient) -> None:
    opened = await client.views_open(trigger_id="1", view=MODAL)
    other = MODAL | {"title": {"type": "plain_text", "text": "Other"}}
    await client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=other)

    assert [view["title"]["text"] for view in slack.forms.opened] == ["Other"]
    stale = client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=other)
    assert (await error_of(stale))["error"] == "hash_conflict"
    assert (await error_of(client.views_update(view_id="V0", view=other)))["error"] == "not_found"


async def test_a_home_tab_is_published_for_a_person(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.views_publish(user_id="U1", view=HOME)
    assert slack.forms.homes["U1"]["blocks"] == HOME["blocks"]

    slack.forms.has_home = False
    assert (await error_of(client.views_publish(user_id="U1", view=HOME)))["error"] == "not_enabled"


async def test_a_stream_of_chunks_shows_its_tasks(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("C1", "question")["ts"]
    task = {"type": "task_update", "id": "1", "title": "Searching", "status": "in_progress"}
    stream = await client.chat_startStream(channel="C1", thread_ts=asked, chunks=[task], **WHO)
    done = [task | {"status": "complete"}, {"type": "markdown_text", "text": "An answer"}]
    await client.chat_appendStream(channel="C1", ts=stream["ts"], chunks=done)
    await client.chat_stopStream(channel="C1", ts=stream["ts"])

    [message] = slack.replies("C1", asked)
    assert [block["type"] for block in message["blocks"]] == ["task_card", "markdown"]
    assert message["blocks"][0]["status"] == "complete"


@pytest.mark.parametrize("missing", WHO)
async def test_a_stream_to_a_channel_needs_its_recipient(
    slack: FakeSlack, client: AsyncWebClient, missing: str
) -> None:
    asked = slack.say("C1", "question")["ts"]
    who = {name: value for name, value in WHO.items() if name != missing}
    call = client.chat_startStream(channel="C1", thread_ts=asked, markdown_text="words", **who)
    assert (await error_of(call))["error"] == f"missing_{missing}"


async def test_a_stream_stays_in_its_mode(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("C1", "question")["ts"]
    stream = await client.chat_startStream(channel="C1", thread_ts=asked, markdown_text="words", **WHO)
    chunks = [{"type": "markdown_text", "text": "words"}]

    mixed = client.chat_appendStream(channel="C1", ts=stream["ts"], chunks=chunks)
    assert (await error_of(mixed))["error"] == "streaming_mode_mismatch"
    both = client.chat_appendStream(channel="C1", ts=stream["ts"], markdown_text="words", chunks=chunks)
    assert (await error_of(both))["error"] == "cannot_provide_both_markdown_text_and_chunks"


async def test_a_stream_takes_fifty_blocks_in_all(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("C1", "question")["ts"]
    chunk = {"type": "blocks", "blocks": [{"type": "divider"}] * 30}
    stream = await client.chat_startStream(channel="C1", thread_ts=asked, chunks=[chunk], **WHO)

    more = client.chat_appendStream(channel="C1", ts=stream["ts"], chunks=[chunk])
    assert (await error_of(more))["error"] == "msg_blocks_too_many"


async def test_a_stream_that_somebody_stopped_takes_no_more(slack: FakeSlack, client: AsyncWebClient) -> None:
    asked = slack.say("C1", "question")["ts"]
    stream = await client.chat_startStream(channel="C1", thread_ts=asked, markdown_text="words", **WHO)
    slack.streams.stopped_by_user.add(stream["ts"])

    call = client.chat_appendStream(channel="C1", ts=stream["ts"], markdown_text="more")
    assert (await error_of(call))["error"] == "stopped_by_user"


async def test_a_message_has_a_link(slack: FakeSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="words"))["ts"]

    link = await client.chat_getPermalink(channel="C1", message_ts=ts)

    assert link["permalink"] == f"https://test.slack.com/archives/C1/p{ts.replace('.', '')}"


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
