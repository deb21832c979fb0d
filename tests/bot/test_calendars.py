"""Calendars over HTTP: who sees what by a secret address, when it is sent again, and the file where there is none."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import icalendar
import pytest
from aiohttp import ClientSession
from sqlalchemy import select
from starlette.applications import Starlette

from bot.calendars import Calendars, topic_of
from bot.locales import in_language
from bot.public_pages import public_pages
from bot.register import RegisterEntry
from bot.register.repository import EntryEdit
from bot.settings import Settings
from bot.slack.transport import web_server
from bot.wiring import Services, build
from store.audiences import Audience
from store.errors import StoreError
from store.records import EVERYBODY
from store.schema import access_keys
from tests.small_store import HashingEmbedder

TODAY = date(2025, 3, 1)
HERE, ELSEWHERE = "T1/C1", "T1/C2"
FORUM = """1. Forum
1.1\tThe Forum on Broadband will be held in Geneva from 7 to 11 July 2025.
1.2\tRegistration for the Forum closes on 16 June 2025.
1.3\tThe Assembly on Satellites takes place in Nairobi in October 2025.
"""


class Today(Settings):
    """Settings of a bot for which it is always the same day."""

    def today(self) -> date:
        return TODAY


def services_of(folder: Path, **changes: Any) -> Services:
    values = {"data_dir": folder / "data", "public_url": "https://bot.example.org/itu/"} | changes
    return build(Today(_env_file=None, **values), HashingEmbedder())


def ingest(
    services: Services, folder: Path, text: str, name: str = "forum.txt", audience: Audience = EVERYBODY
) -> None:
    path = folder / audience / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    services.shared.ingest([path], audience=audience)


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """The services over a store with FORUM."""
    opened = services_of(tmp_path)
    ingest(opened, tmp_path, FORUM)
    return opened


@pytest.fixture
def calendars(services: Services) -> Calendars:
    return services.shared.calendars


def added(calendars: Calendars, topic: str = "", audience: Audience = EVERYBODY, **person: str) -> str:
    """Return the path of a new calendar's address."""
    address = calendars.add(topic, audience, **person)[1]
    assert address is not None
    return address.removeprefix("https://bot.example.org/itu")


def secret(path: str) -> str:
    return path.removeprefix("/calendars/").removesuffix(".ics")


def events_of(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))  # type: ignore[arg-type]


def shown(calendars: Calendars, path: str, **options: bool) -> list[icalendar.Event]:
    feed = calendars.feed(secret(path), **options)
    assert feed is not None
    return events_of(feed.content)


def titles(calendars: Calendars, path: str, **options: bool) -> list[str]:
    return [str(event["summary"]) for event in shown(calendars, path, **options)]


def forum(services: Services) -> RegisterEntry:
    return next(entry for entry in services.register(TODAY) if entry.title.startswith("Forum"))


@asynccontextmanager
async def served(services: Services) -> AsyncIterator[ClientSession]:
    """Serve the public pages on a free port; gives a client that decodes nothing."""
    async with (
        public_pages(services) as pages,
        web_server(Starlette(routes=pages), "127.0.0.1", 0, "ITUBOT_PORT") as port,
        ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False) as client,
    ):
        yield client


Answer = tuple[int, Mapping[str, str], bytes]


async def ask(client: ClientSession, path: str, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.request(method, path, headers={"Accept-Encoding": ""} | named) as response:
        return response.status, response.headers, await response.read()


async def test_address_gives_the_calendar(services: Services, calendars: Calendars) -> None:
    async with served(services) as client:
        status, headers, content = await ask(client, added(calendars))
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert [str(event["summary"]) for event in events_of(content)] == [
        "Deadline: “Registration for the Forum closes on 16 June 2025.”",
        "Forum on Broadband",
    ]


def test_no_table_has_an_address(services: Services, calendars: Calendars) -> None:
    text = secret(added(calendars, "Broadband"))
    with services.shared.state.connect() as connection:
        [row] = connection.execute(select(access_keys)).all()
    assert all(text not in str(value) for value in row)


async def test_revoked_address_is_gone_at_once_and_like_one_that_never_was(
    services: Services, calendars: Calendars
) -> None:
    key, address = calendars.add("")
    assert address is not None
    path = address.removeprefix("https://bot.example.org/itu")
    async with served(services) as client:
        assert (await ask(client, path))[0] == 200
        calendars.revoke(key)
        revoked = await ask(client, path)
        known = await ask(client, path, If_None_Match="*")
        guessed = await ask(client, f"/calendars/{'x' * 43}.ics")
    assert revoked[0] == 404
    assert without_date(revoked) == without_date(guessed) == without_date(known)


def without_date(answer: Answer) -> Answer:
    status, headers, content = answer
    return status, {name: value for name, value in headers.items() if name.lower() != "date"}, content


def test_replaced_address_gives_nothing(calendars: Calendars) -> None:
    key, address = calendars.add("")
    assert address is not None
    new = calendars.replace(key)
    assert new is not None
    assert calendars.feed(secret(address.rpartition("/calendars")[2].lstrip("/"))) is None
    assert calendars.feed(new.rpartition("/")[2].removesuffix(".ics")) is not None


def test_person_has_one_calendar_of_a_topic(calendars: Calendars) -> None:
    first, _ = calendars.add("WSIS", team="T1", user="U1")
    again, address = calendars.add("wsis", team="T1", user="U1")
    assert (again, address) == (first, None)
    assert calendars.add("WSIS", team="T1", user="U2")[1] is not None


async def test_unchanged_calendar_is_not_sent_again(
    services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    path = added(calendars)
    async with served(services) as client:
        _, headers, _ = await ask(client, path)
        for known in (
            headers["ETag"],
            headers["ETag"].removeprefix("W/"),
            f'"other", {headers["ETag"]}',
            "*",
        ):
            status, again, content = await ask(client, path, If_None_Match=known)
            assert (status, again["ETag"], content) == (304, headers["ETag"], b"")
        ingest(services, tmp_path, FORUM.replace("16 June", "18 June"))
        status, changed, _ = await ask(client, path, If_None_Match=headers["ETag"])
    assert (status, changed["ETag"] == headers["ETag"]) == (200, False)


async def test_dates_without_a_day_come_by_a_parameter(services: Services, calendars: Calendars) -> None:
    path = added(calendars)
    async with served(services) as client:
        for parameter, count in (("", 2), ("?periods=no", 2), ("?periods=yes", 3)):
            assert len(events_of((await ask(client, path + parameter))[2])) == count
        status, _, why = await ask(client, f"{path}?periods=maybe")
    assert (status, why) == (400, b"Write periods=yes or periods=no.\n")


def test_calendar_is_in_the_language_of_who_made_it(calendars: Calendars, services: Services) -> None:
    services.correct(forum(services).id, EntryEdit(status="postponed"), "amina")
    with in_language("fr"):
        path = added(calendars)
    assert any(title.startswith("[REPORTÉ] ") for title in titles(calendars, path))


def test_calendar_of_a_topic_has_its_dates_alone(calendars: Calendars) -> None:
    assert titles(calendars, added(calendars, "Broadband")) == ["Forum on Broadband"]
    assert len(titles(calendars, added(calendars, "forum.txt"))) == 2
    assert titles(calendars, added(calendars, "lighthouses")) == []


@pytest.mark.parametrize(
    ("words", "topic"),
    [("", ""), (" All  dates", ""), ("“WSIS  Forum”", "WSIS Forum"), ("x" * 300, "x" * 100)],
)
def test_topic_as_people_type_it(words: str, topic: str) -> None:
    assert topic_of(words) == topic


def test_change_of_an_event_alone_raises_its_sequence(
    services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    path = added(calendars)
    before = {str(each["uid"]): int(each["sequence"]) for each in shown(calendars, path)}
    services.correct(forum(services).id, EntryEdit(start=date(2025, 7, 14), end=date(2025, 7, 18)), "amina")
    after = {str(each["uid"]): int(each["sequence"]) for each in shown(calendars, path)}
    changed = forum(services).chain_id
    assert after[changed] > before.pop(changed)
    assert all(after[uid] == sequence for uid, sequence in before.items())


async def test_google_which_hides_cancelled_events_gets_tentative_ones_and_others_what_they_are(
    services: Services, calendars: Calendars
) -> None:
    services.correct(forum(services).id, EntryEdit(status="cancelled"), "amina")
    path = added(calendars)
    told = []
    async with served(services) as client:
        for program in ("Outlook", "Google-Calendar-Importer", "Outlook"):
            _, headers, content = await ask(client, path, User_Agent=program)
            [event] = [each for each in events_of(content) if "CANCELLED" in str(each["summary"])]
            told.append((str(event["status"]), "User-Agent" in headers["Vary"]))
    assert told == [("CANCELLED", True), ("TENTATIVE", True), ("CANCELLED", True)]


async def test_store_that_does_not_answer_keeps_what_people_have(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Nothing was ever ingested.
    services = services_of(tmp_path)
    path = added(services.shared.calendars)
    with caplog.at_level(logging.INFO):
        async with served(services) as client:
            status, headers, _ = await ask(client, path)
    assert (status, headers["Retry-After"]) == (503, "300")
    assert secret(path) not in caplog.text


async def test_no_log_has_an_address(
    services: Services, calendars: Calendars, caplog: pytest.LogCaptureFixture
) -> None:
    path = added(calendars)
    with caplog.at_level(logging.DEBUG):
        async with served(services) as client:
            await ask(client, path)
            await ask(client, path.replace(".ics", "x.ics"))
    assert secret(path) not in caplog.text


# Audiences.


def test_calendar_of_a_channel_shows_what_it_may_see_at_each_request(
    services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    path, public = added(calendars, audience=HERE), added(calendars)
    assert len(titles(calendars, path)) == 2
    ingest(
        services, tmp_path, "1. Panel\n1.1\tThe Panel meets in Geneva on 3 June 2025.\n", "panel.txt", HERE
    )
    assert "Panel" in str(titles(calendars, path))
    assert "Panel" not in str(titles(calendars, public))
    services.shared.pipeline.remove("panel.txt", HERE)
    assert titles(calendars, path) == titles(calendars, public)


def test_private_documents_change_nothing_of_a_public_calendar(
    services: Services, calendars: Calendars, tmp_path: Path
) -> None:
    path = added(calendars)
    before = calendars.feed(secret(path))
    moved = FORUM.replace("16 June", "18 June")
    ingest(services, tmp_path, moved, audience=HERE)
    assert calendars.feed(secret(path)) == before
    # Nor when it is made anew.
    services.shared.calendars._feed.cache_clear()
    assert calendars.feed(secret(path)) == before


# The file.


def test_file_is_written_when_the_register_changes(tmp_path: Path) -> None:
    target = tmp_path / "site"
    services = services_of(tmp_path, public_url="", calendar_url=target.as_uri())
    calendars, file = services.shared.calendars, target / "itu-dates.ics"
    ingest(services, tmp_path, FORUM)
    calendars.write()
    assert len(events_of(file.read_bytes())) == 2
    # A web server is another user.
    assert file.stat().st_mode & 0o777 == 0o644
    first = file.stat()
    calendars.write()
    assert file.stat() == first
    ingest(services, tmp_path, FORUM.replace("16 June", "18 June"))
    calendars.write()
    assert file.stat().st_ino != first.st_ino
    assert [each.name for each in target.iterdir()] == ["itu-dates.ics"]


def test_file_that_cannot_be_written_is_named_without_its_password(tmp_path: Path) -> None:
    services = services_of(tmp_path, public_url="", calendar_url="ftp://me:hunter2@127.0.0.1:1/site")
    ingest(services, tmp_path, FORUM)
    with pytest.raises(StoreError, match="ITUBOT_CALENDAR_URL") as caught:
        services.shared.calendars.write()
    assert "hunter2" not in str(caught.value)
