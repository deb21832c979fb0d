"""Files out of Slack: whole or not at all, and the token to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from aiohttp import web

from bot.slack.core.sending.clients import SlackClients
from bot.slack.features.library.downloads import (
    FileDescription,
    FileDownloader,
    FileUnavailable,
    read_description,
)
from tests.fake_slack.faults import Fault
from tests.fake_slack.hosted_files import LOGIN
from tests.fake_slack.slack import FakeSlack

DATA = b"A report. " * 100
LARGEST = 2_000
SLACKS = "https://files.slack.com/files-pri/T1-F1/download/report.txt"


@pytest.fixture
def downloads(slack: FakeSlack) -> FileDownloader:
    return FileDownloader(SlackClients(slack.bot_token, slack.url).unretried, LARGEST, pause=0.01)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"mode": "external", "external_type": "gdrive"}, "gdrive"),
        ({"is_external": True}, "another service"),
        ({"mode": "tombstone"}, "deleted"),
        ({"mode": "hidden_by_limit"}, "hides"),
        ({"filetype": "quip"}, "page of Slack"),
        ({"mode": "list"}, "page of Slack"),
        ({"size": 0}, "is empty"),
        ({"size": LARGEST + 1}, "0.0 MB; the most is 0.0 MB"),
        ({"url_private_download": None}, "invite me"),
    ],
)
def test_file_that_cannot_be_downloaded_is_explained(changes: dict[str, Any], why: str) -> None:
    described = {"id": "F1", "name": None, "mode": "hosted", "size": LARGEST, "url_private_download": SLACKS}
    assert read_description(described, "given.txt", LARGEST).name == "given.txt"
    with pytest.raises(FileUnavailable, match=why):
        read_description(described | changes, "r.txt", LARGEST)


@pytest.mark.parametrize(
    ("name", "fault", "data", "described", "why"),
    [
        ("r.txt", "", DATA, {}, ""),
        ("r.txt", "cut once", DATA, {}, ""),
        ("page.html", "", LOGIN, {}, ""),
        ("r.txt", "login", DATA, {}, "may not read files"),
        ("r.txt", "login page", DATA, {}, "may not read files"),
        ("r.html", "login page", DATA, {}, "may not read files"),
        ("r.txt", "forbidden", DATA, {}, "may not read files"),
        ("r.txt", "overlong", DATA * 2, {"size": 1_000}, "more than 0.0 MB"),
        ("r.txt", "", b"", {"size": None}, "is empty"),
        ("r.txt", "", DATA, {"size": len(DATA) + 1}, "again in a minute"),
        # What Slack says instead of describing it.
        ("r.txt", "missing_scope", DATA, {}, "may not read files"),
        ("r.txt", "file_not_found", DATA, {}, "invite me"),
        ("r.txt", "ratelimited", DATA, {}, "again in a minute"),
        ("r.txt", "team_added_to_org", DATA, {}, "again in a minute"),
        ("r.txt", "two_factor_setup_required", DATA, {}, "(two_factor_setup_required)"),
    ],
)
async def test_a_file_arrives_whole_with_the_token_or_not_at_all(
    slack: FakeSlack,
    downloads: FileDownloader,
    name: str,
    fault: str,
    data: bytes,
    described: dict[str, Any],
    why: str,
) -> None:
    if "_" in fault or fault == "ratelimited":
        slack.faults["files.info"] = [Fault("refuse", error=fault)]
    file, sink, said = slack.hosted.add(name, data, fault, **described), BytesIO(), ""
    try:
        await downloads.fetch(await downloads.describe(file.id, file.name), sink)
    except FileUnavailable as error:
        said = str(error)
    assert why in said
    assert bool(said) is bool(why)
    if not why:
        assert sink.getvalue() == data
    assert {token for _, token in slack.hosted.asked} <= {f"Bearer {slack.bot_token}"}


# Where the token goes


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        (SLACKS, True),
        ("https://acme.slack.com/files-pri/x", True),
        ("https://slack.com/files/x?a=b", True),
        ("http://files.slack.com/x", False),
        ("https://files.slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://files.slack.com@evil.example/x", False),
        ("https://evil.example\\@files.slack.com/x", False),
        ("https://evil.example/files.slack.com/", False),
        ("https://slack.com.evil.example/x", False),
        ("https://files.slack.com:8443/x", False),
        ("https://files.slack.com\t.evil.example/x", False),
        ("https://evil.example#.slack.com/", False),
        ("//evil.example/x", False),
        ("ftp://slack.com/x", False),
        ("", False),
    ],
)
def test_token_is_sent_to_slack_alone(url: str, trusted: bool) -> None:
    client = SlackClients("xoxb-1", "https://slack.com/api/").unretried
    assert FileDownloader(client, LARGEST).trusts(url) is trusted


@pytest.fixture
async def elsewhere() -> AsyncIterator[tuple[str, list[str]]]:
    """A server that is not Slack's: its address, and the Authorization of each request to it."""
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Authorization", ""))
        return web.Response(body=DATA)

    app = web.Application()
    app.router.add_get("/{rest:.*}", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/x", heard
    await runner.cleanup()


async def test_a_redirect_is_followed_within_slack_and_no_other_host_is_contacted(
    slack: FakeSlack, downloads: FileDownloader, elsewhere: tuple[str, list[str]]
) -> None:
    address, heard = elsewhere
    file, sink = slack.hosted.add("r.txt", DATA, "redirect"), BytesIO()
    file.redirect = f"/files-pri/{slack.hosted.add('r.txt', DATA).id}/r.txt"
    await downloads.fetch(await downloads.describe(file.id, file.name), sink)
    assert sink.getvalue() == DATA
    assert {token for _, token in slack.hosted.asked} == {f"Bearer {slack.bot_token}"}

    file.redirect = address
    for found in (
        FileDescription("F1", "r.txt", address, None),
        await downloads.describe(file.id, file.name),
    ):
        with pytest.raises(FileUnavailable, match=r"not one of Slack's \(127.0.0.1\)"):
            await downloads.fetch(found, BytesIO())
    assert heard == []
