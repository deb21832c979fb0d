"""Pages that the bot watches: begun, listed and ended in Slack, fetched by the clock, and told about once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.slack.core.access import LibraryUsers
from bot.slack.features.watching import Watching
from bot.slack.manifest import WATCH_PAGE
from store.jobs import QuestionStore, Source, SourceStore
from store.jobs.leases import Holder
from store.records import EVERYBODY
from store.schema import jobs
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.services import workspace_services
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import press
from tests.fake_slack.shortcuts import use_message_shortcut
from tests.fake_slack.slack import FakeSlack
from tests.ingest.sources.site import Site, serving
from tests.store.jobs.stored_outcome import until_stored

DAY = 24 * 3600.0
# 1 June 2025, at noon.
NOON = 1_748_779_200.0
Typed = Callable[..., Awaitable[Message]]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.list("/council", "report.txt")
        site.put("/report.txt", REPORT, etag='"1"')
        yield site


@pytest.fixture
def sources(state: QuestionStore) -> SourceStore:
    return SourceStore.beside(state)


@pytest.fixture
async def typed(slack: FakeSlack, start: Start, library: RealLibrary) -> Typed:
    """Start the bot, and return what is said to somebody who types a command."""
    slack.directory.places["C2"] = {"is_private": True}
    await start(**library.options("U1"))

    async def say(text: str, channel: str = "C1", user: str = "U1") -> Message:
        return await slack.response(await slack.command(text, channel=channel, user=user))

    return say


async def said(slack: FakeSlack, channel: str, words: str) -> str:
    """Wait for what is said to one person in a channel, and return it."""

    def found() -> list[str]:
        shown = [
            arguments
            for name, arguments, _ in slack.calls
            if name in ("chat.postEphemeral", "chat.postMessage") and arguments.get("channel") == channel
        ]
        return [str(each["text"]) for each in shown if words in str(each["text"])]

    await slack.until(lambda: bool(found()))
    return found()[0]


async def test_a_page_that_somebody_names_is_fetched_at_once(
    slack: FakeSlack, typed: Typed, site: Site, library: RealLibrary
) -> None:
    told = await typed(f"watch {site.url}/council")

    assert told["text"] == f"I watch {site.url}/council: I look at it now, and then every six hours."
    found = await said(slack, "C1", "in my library now")
    assert found == f"1 document from {site.url}/council is in my library now: report.txt"
    assert library.sources == ["report.txt"]


async def test_what_is_watched_in_a_private_channel_is_for_that_channel(
    slack: FakeSlack, typed: Typed, site: Site, library: RealLibrary
) -> None:
    told = await typed(f"watch {site.url}/council", channel="C2")
    await said(slack, "C2", "in my library now")

    assert "only in this conversation" in told["text"]
    assert [d.audience for d in library.catalog.documents()] == [f"{slack.team}/C2"]
    listed = await typed("watch", channel="C2")
    assert f"{site.url}/council" in listed["text"]
    assert f"{site.url}/council" not in (await typed("watch", channel="C1"))["text"]
    elsewhere = await slack.response(await press(slack, listed, "Stop watching", channel="C1"))
    assert "do not watch this page" in elsewhere["text"]


async def test_a_page_in_a_direct_message_can_be_for_everybody(
    slack: FakeSlack, typed: Typed, site: Site, sources: SourceStore
) -> None:
    await typed(f"watch {site.url}/council report* for everybody", channel="D1")

    assert [(source.audience, source.pattern) for source in sources.all()] == [(EVERYBODY, "report*")]


async def test_who_may_not_add_documents_may_not_watch_pages(
    typed: Typed, site: Site, sources: SourceStore
) -> None:
    told = await typed(f"watch {site.url}/council", user="U2")

    assert "You may not add documents to my library" in told["text"]
    assert (sources.all(), site.asked) == ([], [])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("watch the council", "There is no web address."),
        ("watch http://user:secret@127.0.0.1/", "I cannot watch this page"),
    ],
)
async def test_what_cannot_be_watched_is_said(
    typed: Typed, sources: SourceStore, text: str, answer: str
) -> None:
    told = (await typed(text))["text"]

    assert answer in told
    assert "ITUBOT" not in told
    assert sources.all() == []


async def test_a_page_is_watched_once_and_ended_by_the_button_beside_it(
    slack: FakeSlack, typed: Typed, site: Site, sources: SourceStore, library: RealLibrary
) -> None:
    await typed(f"watch {site.url}/council")
    await said(slack, "C1", "in my library now")
    again = await typed(f"watch {site.url}/council")
    [source] = sources.all()

    assert source.url == f"{site.url}/council"
    listed = await typed("watch")
    others = await slack.response(await press(slack, listed, "Stop watching", user="U2", channel="C1"))
    assert sources.all() == [source]
    ended = await slack.response(await press(slack, listed, "Stop watching", channel="C1"))

    assert "already" in again["text"]
    assert f"{site.url}/council: 1 document" in listed["text"]
    assert "You may not add documents" in others["text"]
    assert "Its documents stay in my library" in ended["text"]
    assert (sources.all(), library.sources) == ([], ["report.txt"])


async def test_addresses_that_may_give_access_are_not_shown(typed: Typed, sources: SourceStore) -> None:
    sources.add("https://docs.example.org/c?token=secret", EVERYBODY, name="docs", every=3600.0)
    sources.add("file:///srv/secret/papers", EVERYBODY, name="papers", every=3600.0)

    listed = (await typed("watch", user="U2"))["text"]

    assert "https://docs.example.org/c?…" in listed
    assert "papers" in listed
    assert "secret" not in listed


async def test_the_shortcut_watches_the_page_that_a_message_links(
    slack: FakeSlack, typed: Typed, site: Site, library: RealLibrary
) -> None:
    message = slack.say("C1", f"The papers are <{site.url}/council|here>.")

    used = await use_message_shortcut(slack, WATCH_PAGE, message, trigger=slack.new_trigger())

    assert f"I watch {site.url}/council" in (await slack.response(used))["text"]
    responses = slack.responses[str(used.payload["trigger_id"])]
    await slack.until(lambda: len(responses) > 1)
    assert "is in my library now: report.txt" in responses[1]["text"]
    assert library.sources == ["report.txt"]


class Keeper:
    """The feature of one bot, whose clock is passed in, and the notices that it stored."""

    def __init__(self, slack: FakeSlack, state: QuestionStore, library: RealLibrary) -> None:
        self.now = NOON
        library.clock = lambda: self.now
        services = workspace_services(slack, state, library.channel_data, fetch=library.fetch)
        keepers = LibraryUsers(("U1", "U2"), services.clients.retrying)
        self.feature = Watching(replace(services, library_users=keepers))
        self.sources = SourceStore.beside(state)
        self._state = state
        # The channel and the text of each notice.
        self.told: list[tuple[str, str]] = []

    async def pass_days(self, days: float) -> None:
        """Let so many days pass, and review what is due then."""
        self.now += days * DAY
        before = {source.id: source.fetches for source in self.sources.all()}
        await self.feature.review(datetime.fromtimestamp(self.now, UTC))
        await until_stored(lambda: all(source.fetches > before[source.id] for source in self.sources.all()))
        await self.feature.review(datetime.fromtimestamp(self.now, UTC))
        with self._state._engine.connect() as connection:
            query = select(jobs.c.payload).where(jobs.c.kind == "notice").order_by(jobs.c.channel)
            self.told = [(notice["channel"], notice["text"]) for notice in connection.scalars(query)]

    def add(self, url: str, audience: str = EVERYBODY) -> Source:
        source = self.sources.add(url, audience, name="council", every=3600.0)
        assert source is not None
        return source


@pytest.fixture
async def keeper(slack: FakeSlack, state: QuestionStore, library: RealLibrary) -> Keeper:
    return Keeper(slack, state, library)


async def test_those_who_keep_the_library_hear_once_of_what_is_gone(
    keeper: Keeper, site: Site, library: RealLibrary
) -> None:
    keeper.add(f"{site.url}/council")
    await keeper.pass_days(0)
    site.pages["/report.txt"].status = 404

    for _ in range(5):
        await keeper.pass_days(1)

    text = f"1 document is gone at its source {site.url}/council: report.txt. I answer from it until 2 July 2025."
    assert sorted(keeper.told) == [("D1", text), ("D2", text)]
    assert library.sources == ["report.txt"]


async def test_those_who_keep_the_library_hear_once_of_a_source_that_fails(
    keeper: Keeper, site: Site
) -> None:
    keeper.add(f"{site.url}/council")
    await keeper.pass_days(0)
    site.pages["/council"].status = 500

    for _ in range(6):
        await keeper.pass_days(8)

    assert [channel for channel, _ in keeper.told] == ["D1", "D2"]
    assert "its server fails (HTTP 500)" in keeper.told[0][1]


async def test_a_private_source_is_told_about_in_its_channel_alone(
    slack: FakeSlack, keeper: Keeper, site: Site
) -> None:
    keeper.add(f"{site.url}/council", f"{slack.team}/C2")
    await keeper.pass_days(0)
    site.pages["/report.txt"].status = 404

    for _ in range(3):
        await keeper.pass_days(1)

    assert [channel for channel, _ in keeper.told] == ["C2"]


async def test_a_source_that_another_bot_fetches_is_left_to_it(
    keeper: Keeper, state: QuestionStore, site: Site
) -> None:
    source = keeper.add(f"{site.url}/council")
    assert keeper.feature._fetches.claim(source, Holder("another bot", 60.0)) is not None

    await keeper.feature.review(datetime.fromtimestamp(NOON, UTC))
    await keeper.feature.close()

    assert site.asked == []
