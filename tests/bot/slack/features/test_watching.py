"""Pages that the bot watches: begun, listed and ended in Slack, fetched by the clock, and told about once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.slack.core.access import LibraryUsers
from bot.slack.features.watching import Watching
from store.jobs import QuestionStore, Source, SourceStore
from store.jobs.leases import Holder
from store.records import EVERYBODY
from store.schema import jobs
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.services import workspace_services
from tests.bot.slack.windows import alone, choices, chosen, sent_off, window
from tests.fake_slack.forms import View, labels, press
from tests.fake_slack.slack import FakeSlack
from tests.ingest.sources.site import Site, serving
from tests.store.jobs.stored_outcome import until_stored

DAY = 24 * 3600.0
# 1 June 2025, at noon.
NOON = 1_748_779_200.0
Watch = Callable[..., Awaitable[str]]


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
async def watch(slack: FakeSlack, start: Start, library: RealLibrary) -> Watch:
    """Start the bot, and return what is said to the keeper of the library who has a page watched."""
    slack.directory.places["C2"] = {"is_private": True}
    await start(**library.options("U1"))

    async def say(address: str, channel: str = "C1", **filled: Any) -> str:
        _, answer = await chosen(slack, "Watched pages", channel, address=address, **filled)
        return str(answer)

    return say


async def watched(slack: FakeSlack, channel: str = "C1") -> View:
    """Open the window with the pages that are watched."""
    return await window(slack, await choices(slack, channel), "Watched pages")


async def test_what_is_watched_in_a_private_channel_is_for_that_channel(
    slack: FakeSlack, watch: Watch, site: Site, library: RealLibrary, sources: SourceStore
) -> None:
    told = await watch(f"{site.url}/council", "C2")
    await alone(slack, "in my library now", "C2")

    assert "only in this conversation" in told
    assert [d.audience for d in library.catalog.documents()] == [f"{slack.team}/C2"]
    here, elsewhere = await watched(slack, "C2"), await watched(slack)
    assert f"{site.url}/council" in str(here)
    assert f"{site.url}/council" not in str(elsewhere)
    # As if the button were there.
    await press(slack, {**elsewhere, "blocks": here["blocks"]}, "Stop watching")
    await slack.until(lambda: "not watched any more" in str(elsewhere))
    assert len(sources.all()) == 1


async def test_a_page_in_a_direct_message_can_be_for_everybody(
    slack: FakeSlack, watch: Watch, site: Site, sources: SourceStore
) -> None:
    await watch(f"{site.url}/council", "D1", pattern="report*", everybody=True)
    assert [(source.audience, source.pattern) for source in sources.all()] == [(EVERYBODY, "report*")]
    # Addresses that may give access are not shown.
    sources.add("https://docs.example.org/c?token=secret", EVERYBODY, name="docs", every=3600.0)
    sources.add("file:///srv/secret/papers", EVERYBODY, name="papers", every=3600.0)
    shown = str(await watched(slack))
    assert ("https://docs.example.org/c?…" in shown, "papers" in shown, "secret" in shown) == (
        True,
        True,
        False,
    )


async def test_a_page_is_fetched_at_once_watched_once_and_ended_by_the_button_beside_it(
    slack: FakeSlack, watch: Watch, site: Site, sources: SourceStore, library: RealLibrary
) -> None:
    url = f"{site.url}/council"
    for address, answer in (
        ("the council", "it is not a web address"),
        ("http://user:secret@127.0.0.1/", "This page cannot be watched"),
    ):
        told = await watch(address)
        assert (answer in told, "ITUBOT" in told) == (True, False)
    # Who may not add documents may not watch pages.
    form = await watched(slack)
    assert "Watched pages" not in labels(await choices(slack, user="U2"))
    refused = str(await sent_off(slack, form, user="U2", address=url))
    assert "You may not add documents to my library" in refused
    assert (sources.all(), site.asked) == ([], [])

    assert f"I watch {url}: I look at it now, and then every six hours." in await watch(url)
    found = await alone(slack, "in my library now", "C1")
    assert found == f"1 document from {url} is in my library now: report.txt"
    assert "is watched already" in await watch(url)
    [source] = sources.all()

    shown = await watched(slack)
    assert f"{url}: 1 document" in str(shown)
    await press(slack, shown, "Stop watching", user="U2")
    await slack.until(lambda: "You may not add documents" in str(shown))
    assert sources.all() == [source]
    shown = await watched(slack)
    await press(slack, shown, "Stop watching")
    await slack.until(lambda: "Its documents stay in the library" in str(shown))
    assert (sources.all(), library.sources) == ([], ["report.txt"])


class Keeper:
    """The feature of one bot, whose clock is passed in, and the notices that it stored."""

    def __init__(self, slack: FakeSlack, state: QuestionStore, library: RealLibrary) -> None:
        self.now = NOON
        library.clock = lambda: self.now
        services = workspace_services(slack, state, library.channel_data, fetch=library.fetch)
        keepers = LibraryUsers(("U1", "U2"), services.clients.retrying, services.names)
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
        with self._state.engine.connect() as connection:
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
    assert keeper.feature._fetches.take(source, Holder("another bot", 60.0)) is not None

    await keeper.feature.review(datetime.fromtimestamp(NOON, UTC))
    await keeper.feature.close()

    assert site.asked == []
