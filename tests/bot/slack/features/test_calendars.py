"""Calendars in Slack: people get a secret address, replace it and end it; without a public address, a file."""

from __future__ import annotations

import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import icalendar
import pytest
from aiohttp import ClientSession

from bot.calendars import Calendars
from bot.public_pages import public_pages
from bot.settings import Settings
from bot.slack.core.access import Admission, Policy
from bot.slack.core.errors import PortInUse
from bot.slack.features.calendars import CalendarAddresses
from bot.wiring import Services, build
from store.audiences import Audience
from store.jobs import QuestionStore
from store.records import EVERYBODY
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.test_home import home, press_at_home
from tests.bot.slack.services import workspace_services
from tests.bot.slack.test_transport import start_http
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import labels, press
from tests.fake_slack.slack import FakeSlack
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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
async def bot_with_address(begin: Begin) -> None:
    """The bot, in Socket Mode, with a public address."""
    await begin(host="127.0.0.1", port=free_port())


async def typed(slack: FakeSlack, text: str, **where: str) -> Message:
    return await slack.response(await slack.command(text, **where))


def key_of(message: Message) -> str:
    found = ADDRESS.search(message["text"])
    assert found is not None, message["text"]
    return found[1]


def titles(calendars: Calendars, key: str) -> list[str]:
    feed = calendars.feed(key)
    assert feed is not None
    return [str(event["summary"]) for event in icalendar.Calendar.from_ical(feed.content).walk("VEVENT")]  # type: ignore[arg-type]


async def test_command_gives_an_address_to_its_user_alone(
    slack: FakeSlack, bot_with_address: None, calendars: Calendars
) -> None:
    told = await typed(slack, "calendar")
    assert len(titles(calendars, key_of(told))) == 2
    assert (told["response_type"], slack.messages["C1"]) == ("ephemeral", [])
    assert "like a password" in told["text"]
    assert "Google about twice" in told["text"]


async def test_address_of_a_topic_says_how_many_dates_match(
    slack: FakeSlack, bot_with_address: None, calendars: Calendars
) -> None:
    # The dates that the message counts are those of the fake register.
    told = await typed(slack, "calendar “Conference”")
    assert "dates on “Conference”" in told["text"]
    assert "match these words now" in told["text"]
    assert "No date matches these words yet" in (await typed(slack, "calendar lighthouses"))["text"]


async def test_second_command_gives_no_second_address(slack: FakeSlack, bot_with_address: None) -> None:
    await typed(slack, "calendar WSIS")
    again = await typed(slack, "calendar wsis")
    assert ADDRESS.search(again["text"]) is None
    assert "You have had a calendar of dates on “WSIS” since" in again["text"]
    assert labels(again) == ["Replace the address", "End this calendar"]
    assert ADDRESS.search((await typed(slack, "calendar WSIS", user="U2"))["text"])


async def test_replaced_address_takes_the_place_of_the_first(
    slack: FakeSlack, bot_with_address: None, calendars: Calendars
) -> None:
    told = await typed(slack, "calendar")
    new = await slack.response(await press(slack, told, "Replace the address", channel="C1"))
    assert key_of(new) != key_of(told)
    assert calendars.feed(key_of(told)) is None
    assert titles(calendars, key_of(new))


async def test_ended_calendar_gives_nothing(
    slack: FakeSlack, bot_with_address: None, calendars: Calendars
) -> None:
    told = await typed(slack, "calendar")
    ended = await slack.response(await press(slack, told, "End this calendar", channel="C1"))
    assert "does not work any more" in ended["text"]
    assert calendars.feed(key_of(told)) is None
    again = await slack.response(await press(slack, told, "Replace the address", channel="C1"))
    assert again["text"] == "There is no such calendar any more."


async def test_nobody_else_ends_it(slack: FakeSlack, bot_with_address: None, calendars: Calendars) -> None:
    told = await typed(slack, "calendar")
    for label in ("End this calendar", "Replace the address"):
        pressed = await press(slack, told, label, channel="C1", user="U2")
        assert (await slack.response(pressed))["text"] == "There is no such calendar any more."
    assert titles(calendars, key_of(told))


async def test_person_has_at_most_twenty(slack: FakeSlack, bot_with_address: None) -> None:
    for number in range(20):
        await typed(slack, f"calendar topic {number}")
    full = await typed(slack, "calendar another")
    assert "You have 20 calendars already." in full["text"]
    assert labels(full).count("End this calendar") == 20


async def test_documents_of_a_channel_are_not_in_a_calendar_that_is_made_there(
    slack: FakeSlack, bot_with_address: None, services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    private = "1. Panel\n1.1\tThe secret Panel meets in Geneva on 3 June 2025.\n"
    ingest(services, tmp_path, private, f"{slack.team}/C1")
    assert "Panel" not in str(titles(calendars, key_of(await typed(slack, "calendar"))))


async def test_documents_of_ones_own_direct_messages_are_in_it(
    slack: FakeSlack, bot_with_address: None, services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    key, other = [key_of(await typed(slack, "calendar", user=user)) for user in ("U1", "U2")]
    ingest(
        services, tmp_path, "1. Panel\n1.1\tThe Panel meets in Geneva on 3 June 2025.\n", f"{slack.team}/D1"
    )
    assert ("Panel" in str(titles(calendars, key)), "Panel" in str(titles(calendars, other))) == (True, False)


async def test_calendar_is_in_the_language_of_its_person(
    slack: FakeSlack, bot_with_address: None, services: Services, calendars: Calendars
) -> None:
    slack.directory.people["U1"] = {"locale": "fr-FR"}
    told = await typed(slack, "calendar")
    assert any(title.startswith("Échéance") for title in titles(calendars, key_of(told)))


async def test_home_offers_a_calendar_then_lists_them(slack: FakeSlack, bot_with_address: None) -> None:
    assert "Get a calendar" in await home(slack)
    await press_at_home(slack, "Get a calendar")
    told = await slack.reply("D1")
    assert ADDRESS.search(told["text"])
    await typed(slack, "calendar WSIS")
    await slack.open_tab("home")
    await slack.until(lambda: "My calendars" in str(slack.forms.homes["U1"]))
    assert "Calendar: all dates and dates on “WSIS”" in str(slack.forms.homes["U1"])
    await press_at_home(slack, "My calendars")
    listed = await slack.reply("D1", number=2)
    assert labels(listed) == ["Replace the address", "End this calendar"] * 2


async def test_home_still_sends_the_file(slack: FakeSlack, bot_with_address: None) -> None:
    await home(slack)
    await press_at_home(slack, "Send me a calendar file")
    await slack.until(lambda: any("files" in message for message in slack.replies("D1")))


async def test_span_of_days_still_sends_the_file(slack: FakeSlack, bot_with_address: None) -> None:
    assert "I sent you the calendar file" in (await typed(slack, "calendar 30d"))["text"]
    [upload] = slack.uploads.known.values()
    assert b"BEGIN:VEVENT" in (upload.data or b"")


async def test_without_a_public_address_the_command_sends_the_file(slack: FakeSlack, bot: object) -> None:
    assert "I sent you" in (await typed(slack, "calendar 30d"))["text"]
    assert "Get a calendar" not in await home(slack)


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_calendar_is_on_the_port_in_both_modes(
    slack: FakeSlack, begin: Begin, start: Start, mode: str
) -> None:
    if mode == "http":

        async def over_http(**changes: Any) -> str:
            return await start_http(slack, start, **changes)

        base = str(await begin(over_http))
    else:
        port = free_port()
        await begin(host="127.0.0.1", port=port)
        base = f"http://127.0.0.1:{port}"
    path = f"/calendars/{key_of(await typed(slack, 'calendar'))}.ics"
    async with ClientSession(base) as client:
        async with client.get(path) as response:
            assert (response.status, response.content_type) == (200, "text/calendar")
        # Of the pages for whoever runs the bot, none is public in Socket Mode.
        async with client.get("/metrics") as response:
            assert response.status == 404


async def test_file_of_everybody_is_written_where_there_is_no_public_address(
    start: Start, tmp_path: Path, services: Services, slack: FakeSlack
) -> None:
    site = tmp_path / "site"
    settings = Settings(data_dir=tmp_path / "data", calendar_url=site.as_uri(), _env_file=None)
    here = build(settings, HashingEmbedder())
    await start(calendars=here.shared.calendars, calendar_url=settings.calendar_url)
    await until_stored(lambda: (site / "itu-dates.ics").exists())
    assert b"BEGIN:VEVENT" in (site / "itu-dates.ics").read_bytes()


async def test_calendar_of_who_left_the_workspace_ends(
    slack: FakeSlack, begin: Begin, calendars: Calendars
) -> None:
    for user in ("U1", "U2"):
        calendars.add("", f"{slack.team}/{user}", team=slack.team, user=user)
    calendars.add("", "T9/D1", team="T9", user="U1")
    slack.directory.people["U1"] = {"deleted": True}
    await begin(host="127.0.0.1", port=free_port())
    await until_stored(lambda: len(calendars.all()) == 2)
    assert {(key.team, key.user) for key in calendars.all()} == {(slack.team, "U2"), ("T9", "U1")}


async def review(slack: FakeSlack, state: QuestionStore, calendars: Calendars) -> None:
    """Review the calendars as a bot that answers members alone, and knows nobody yet."""
    services = workspace_services(slack, state)
    members_alone = Admission(Policy(), services.clients.unretried, slack.team)
    feature = CalendarAddresses(replace(services, admission=members_alone), calendars)
    await feature.review(datetime.now(UTC))


@pytest.mark.parametrize("person", [{"is_restricted": True}, {"is_stranger": True}])
async def test_calendar_of_who_may_not_ask_gives_nothing_until_they_may(
    slack: FakeSlack, state: QuestionStore, calendars: Calendars, person: dict[str, bool]
) -> None:
    address = calendars.add("", f"{slack.team}/D1", team=slack.team, user="U1")[1] or ""
    text = address.rpartition("/")[2].removesuffix(".ics")
    slack.directory.people["U1"] = person
    await review(slack, state, calendars)
    refused = calendars.feed(text)

    slack.directory.people["U1"] = {}
    await review(slack, state, calendars)

    assert refused is None
    assert calendars.feed(text) is not None


async def test_calendar_stays_while_slack_does_not_say_who_somebody_is(
    slack: FakeSlack, state: QuestionStore, calendars: Calendars
) -> None:
    calendars.add("", f"{slack.team}/D1", team=slack.team, user="U1")
    slack.faults["users.info"] += [Fault("refuse", error="missing_scope")] * 2

    await review(slack, state, calendars)

    assert [key.refused for key in calendars.all()] == [False]


async def test_port_that_is_taken_is_named(begin: Begin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match="ITUBOT_PORT"):
            await begin(host="127.0.0.1", port=port)
