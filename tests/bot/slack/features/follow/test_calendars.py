"""Calendars in Slack: people get a secret address, replace it and end it; without a public address, a file."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import icalendar
import pytest
from aiohttp import ClientSession

from bot.calendars import Calendars
from bot.public_pages import public_pages
from bot.settings import Settings
from bot.wiring import Services, build
from store.audiences import Audience
from store.records import EVERYBODY
from tests.bot.mcp.connections import found_by, new_token, with_token
from tests.bot.slack.conftest import Start
from tests.bot.slack.test_transport import start_http
from tests.bot.slack.windows import choices, home, sent_off, window
from tests.fake_slack.forms import View, labels, press
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port
from tests.small_store import REPORT, HashingEmbedder
from tests.store.jobs.stored_outcome import until_stored

ADDRESS = re.compile(r"https://bot\.example\.org/calendars/([\w-]{43})\.ics")
Begin = Callable[..., Awaitable[None]]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """The services over a store with a report."""
    settings = Settings(data_dir=tmp_path / "data", public_url="https://bot.example.org", _env_file=None)
    opened = build(settings, HashingEmbedder())
    ingest(opened, tmp_path, REPORT)
    return opened


def ingest(services: Services, folder: Path, text: str, audience: Audience = EVERYBODY) -> None:
    path = folder / audience / "report.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    services.shared.ingest([path], audience=audience)


@pytest.fixture
def calendars(services: Services) -> Calendars:
    return services.shared.calendars


@pytest.fixture
async def begin(start: Start, services: Services) -> Begin:
    """Start the bot with a public address."""

    async def start_here(begin: Callable[..., Awaitable[Any]] = start, **changes: Any) -> Any:
        url = services.settings.public_url
        pages = partial(public_pages, services)
        return await begin(calendars=services.shared.calendars, public_url=url, public_pages=pages, **changes)

    return start_here


@pytest.fixture
async def bot_with_address(begin: Begin) -> None:
    """The bot, in Socket Mode, with a public address."""
    await begin(host="127.0.0.1", port=free_port())


async def given(slack: FakeSlack, topic: str = "", user: str = "U1") -> View:
    """Have somebody ask for a calendar, and return the window that they see then."""
    form = await window(slack, await choices(slack, user=user), "Calendars", user)
    return dict((await sent_off(slack, form, user=user, topic=topic))["view"])


async def listed(slack: FakeSlack, user: str = "U1") -> View:
    """Open the window with a person's calendars."""
    return await window(slack, await home(slack, user), "Calendars", user)


async def pressed(slack: FakeSlack, view: View, label: str, user: str = "U1") -> str:
    """Press a button of the window, and return what that shows then."""
    before = view["hash"]
    await press(slack, view, label, user=user)
    await slack.until(lambda: view["hash"] != before)
    return str(view)


def key_of(view: View | str) -> str:
    found = ADDRESS.search(str(view))
    assert found is not None, view
    return found[1]


def titles(calendars: Calendars, key: str) -> list[str]:
    feed = calendars.feed(key)
    assert feed is not None
    return [str(event["summary"]) for event in icalendar.Calendar.from_ical(feed.content).walk("VEVENT")]  # type: ignore[arg-type]


async def test_a_person_gets_an_address_replaces_it_and_ends_it(
    slack: FakeSlack, bot_with_address: None, calendars: Calendars
) -> None:
    told = await given(slack)
    key = key_of(told)
    assert len(titles(calendars, key)) == 2
    assert "like a password" in str(told)
    assert ADDRESS.search(str(slack.messages)) is None

    # Nobody else ends it.
    for label in ("End this calendar", "Replace the address"):
        assert "no such calendar" in await pressed(slack, await listed(slack), label, "U2")
    assert titles(calendars, key)
    new = key_of(await pressed(slack, await listed(slack), "Replace the address"))
    assert (new == key, calendars.feed(key), bool(titles(calendars, new))) == (False, None, True)
    shown, other = await listed(slack), await listed(slack)
    assert "does not work any more" in await pressed(slack, shown, "End this calendar")
    assert calendars.feed(new) is None
    assert "no such calendar any more" in await pressed(slack, other, "Replace the address")


async def test_address_of_a_topic_says_how_many_dates_match_and_is_given_once(
    slack: FakeSlack, bot_with_address: None, calendars: Calendars
) -> None:
    # The dates that the window counts are those of the fake register.
    told = str(await given(slack, "“Conference”"))
    assert ("dates on “Conference”" in told, "match these words now" in told) == (True, True)
    again = await given(slack, "conference")
    assert ADDRESS.search(str(again)) is None
    assert "You have a calendar of dates on “Conference” already." in str(again)
    assert labels(again) == ["Replace the address", "End this calendar"]
    other = str(await given(slack, "lighthouses", "U2"))
    assert ("No date matches these words yet" in other, bool(ADDRESS.search(other))) == (True, True)
    # Nobody has more than twenty.
    for number in range(19):
        calendars.add(f"topic {number}", f"{slack.team}/D2", team=slack.team, user="U2")
    full = await given(slack, "another", "U2")
    assert "You have too many calendars." in str(full)
    assert labels(full).count("End this calendar") == 20


async def test_documents_of_ones_own_direct_messages_are_in_it_and_those_of_a_channel_are_not(
    slack: FakeSlack, bot_with_address: None, services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    key, other = [key_of(await given(slack, user=user)) for user in ("U1", "U2")]
    for place in ("C1", "D1"):
        text = f"1. Panel\n1.1\tThe {place} Panel meets in Geneva on 3 June 2025.\n"
        ingest(services, tmp_path, text, f"{slack.team}/{place}")
    own, others = str(titles(calendars, key)), str(titles(calendars, other))
    assert ("D1 Panel" in own, "C1 Panel" in own, "Panel" in others) == (True, False, False)


async def test_without_a_public_address_a_file_of_all_dates_is_sent(slack: FakeSlack, bot: object) -> None:
    shown = await choices(slack)
    assert "Calendars" not in labels(shown)
    await press(slack, shown, "Calendar file")
    await slack.until(lambda: "The calendar file is in our messages." in str(shown))
    [upload] = slack.uploads.known.values()
    assert upload.name == "itu-dates-2024-05-01.ics"
    names = icalendar.Calendar.from_ical(upload.data or b"").walk("VEVENT")  # type: ignore[arg-type]
    assert {str(event["summary"]) for event in names} >= {"Expert consultation", "SIDS4"}


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_calendars_and_other_assistants_are_served_on_the_port_in_both_modes(
    slack: FakeSlack, begin: Begin, start: Start, services: Services, mode: str
) -> None:
    if mode == "http":

        async def over_http(**changes: Any) -> str:
            return await start_http(slack, start, **changes)

        base = str(await begin(over_http))
    else:
        port = free_port()
        await begin(host="127.0.0.1", port=port)
        base = f"http://127.0.0.1:{port}"
    path = f"/calendars/{key_of(await given(slack))}.ics"
    async with ClientSession(base) as client:
        async with client.get(path) as response:
            assert (response.status, response.content_type) == (200, "text/calendar")
        # Of the pages for whoever runs the bot, none is public in Socket Mode.
        async with client.get("/metrics") as response:
            assert response.status == 404
    async with with_token(f"{base}/mcp", new_token(services)) as assistant:
        assert found_by(await assistant.call_tool("search", {"query": "Forum"}))["results"]


async def test_file_of_everybody_is_written_where_there_is_no_public_address(
    start: Start, tmp_path: Path, services: Services, slack: FakeSlack
) -> None:
    site = tmp_path / "site"
    settings = Settings(data_dir=tmp_path / "data", calendar_url=site.as_uri(), _env_file=None)
    here = build(settings, HashingEmbedder())
    await start(calendars=here.shared.calendars, calendar_url=settings.calendar_url)
    await until_stored(lambda: (site / "itu-dates.ics").exists())
    assert b"BEGIN:VEVENT" in (site / "itu-dates.ics").read_bytes()


async def test_calendar_of_who_left_ends_and_of_who_may_not_ask_gives_nothing_until_they_may(
    slack: FakeSlack, begin: Begin, calendars: Calendars
) -> None:
    slack.agents.is_agent = False
    people = {"U1": {"deleted": True}, "U2": {"is_restricted": True}, "U3": {"is_stranger": True}, "U4": {}}
    slack.directory.people |= people
    made = {
        user: calendars.add("", f"{slack.team}/{user}", team=slack.team, user=user)[1] or ""
        for user in people
    }
    calendars.add("", "T9/D1", team="T9", user="U1")

    def fed() -> list[str]:
        return [user for user, address in made.items() if calendars.feed(key_of(address)) is not None]

    await begin(host="127.0.0.1", port=free_port())
    await until_stored(lambda: fed() == ["U4"])
    await until_stored(lambda: len(calendars.all()) == 4)
    assert ("T9", "U1") in {(key.team, key.user) for key in calendars.all()}

    slack.directory.people |= {"U2": {}, "U3": {}}
    await begin(host="127.0.0.1", port=free_port())
    await until_stored(lambda: fed() == ["U2", "U3", "U4"])
