"""Files out of Slack: whole or not at all, and the token to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
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
from tests.fake_slack.hosted_files import LOGIN, HostedFile
from tests.fake_slack.slack import FakeSlack

DATA = b"A report. " * 100
LARGEST = 2_000
SLACKS = "https://files.slack.com/files-pri/T1-F1/download/report.txt"


def description(**changes: Any) -> dict[str, Any]:
    return {
        "id": "F1",
        "name": "r.txt",
        "mode": "hosted",
        "size": 9,
        "url_private_download": SLACKS,
    } | changes


@pytest.fixture
def downloads(slack: FakeSlack) -> FileDownloader:
    return FileDownloader(SlackClients(slack.bot_token, slack.url).unretried, LARGEST, pause=0.01)


async def fetch(downloads: FileDownloader, file: HostedFile, target: Path) -> bytes:
    found = await downloads.describe(file.id, file.name)
    with target.open("wb") as sink:
        await downloads.fetch(found, sink)
    return target.read_bytes()


# What Slack describes


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
        ({"size": 90_000_000}, "90 MB; the most is 0.0 MB"),
        ({"url_private_download": None}, "invite me"),
    ],
)
def test_file_that_cannot_be_downloaded_is_explained(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(FileUnavailable, match=why):
        read_description(description(**changes), "r.txt", LARGEST)


def test_file_without_a_name_keeps_its_upload_name() -> None:
    assert read_description(description(name=None), "given.txt", LARGEST).name == "given.txt"


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("missing_scope", "may not read files"),
        ("file_not_found", "invite me"),
        ("ratelimited", "again in a minute"),
        ("team_added_to_org", r"\(team_added_to_org\)"),
    ],
)
async def test_download_error_codes_are_explained(
    slack: FakeSlack, downloads: FileDownloader, word: str, why: str
) -> None:
    slack.faults["files.info"] = [Fault("refuse", error=word)]
    with pytest.raises(FileUnavailable, match=why):
        await downloads.describe("F1", "r.txt")


# What is fetched


@pytest.mark.parametrize("fault", ["", "cut once"])
async def test_a_file_arrives_whole_with_the_token(
    slack: FakeSlack, downloads: FileDownloader, tmp_path: Path, fault: str
) -> None:
    file = slack.hosted.add("r.txt", DATA, fault)
    assert await fetch(downloads, file, tmp_path / "new") == DATA
    assert set(slack.hosted.asked) == {(file.id, f"Bearer {slack.bot_token}")}


@pytest.mark.parametrize(
    ("fault", "data", "described", "why"),
    [
        ("login", DATA, {}, "may not read files"),
        ("login page", DATA, {}, "may not read files"),
        ("login page", DATA, {"name": "r.html"}, "may not read files"),
        ("forbidden", DATA, {}, "may not read files"),
        ("overlong", DATA * 2, {"size": 1_000}, "more than 0.0 MB"),
        ("", b"", {"size": None}, "is empty"),
        ("", DATA, {"size": len(DATA) + 1}, "again in a minute"),
    ],
)
async def test_login_page_is_not_taken_for_the_file(
    slack: FakeSlack,
    downloads: FileDownloader,
    tmp_path: Path,
    fault: str,
    data: bytes,
    described: dict[str, Any],
    why: str,
) -> None:
    file = slack.hosted.add("r.txt", data, fault, **described) if "name" not in described else None
    file = file or slack.hosted.add(described["name"], data, fault)
    with pytest.raises(FileUnavailable, match=why):
        await fetch(downloads, file, tmp_path / "new")


async def test_html_file_is_kept(slack: FakeSlack, downloads: FileDownloader, tmp_path: Path) -> None:
    assert await fetch(downloads, slack.hosted.add("page.html", LOGIN), tmp_path / "new") == LOGIN


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


async def test_another_host_is_not_contacted_at_once_or_by_a_redirect(
    slack: FakeSlack, downloads: FileDownloader, elsewhere: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, heard = elsewhere
    with pytest.raises(FileUnavailable, match=r"not one of Slack's \(127.0.0.1\)"):
        await downloads.fetch(FileDescription("F1", "r.txt", address, None), BytesIO())
    file = slack.hosted.add("r.txt", DATA, "redirect")
    file.redirect = address
    with pytest.raises(FileUnavailable, match="not one of Slack's"):
        await fetch(downloads, file, tmp_path / "new")
    assert heard == []


async def test_a_redirect_within_slack_is_followed_with_the_token(
    slack: FakeSlack, downloads: FileDownloader, tmp_path: Path
) -> None:
    real, file = slack.hosted.add("r.txt", DATA), slack.hosted.add("r.txt", DATA, "redirect")
    file.redirect = f"/files-pri/{real.id}/r.txt"
    assert await fetch(downloads, file, tmp_path / "new") == DATA
    assert {token for _, token in slack.hosted.asked} == {f"Bearer {slack.bot_token}"}


async def test_endless_redirects_fail(slack: FakeSlack, downloads: FileDownloader, tmp_path: Path) -> None:
    file = slack.hosted.add("r.txt", DATA, "redirect")
    file.redirect = f"/files-pri/{file.id}/r.txt"
    with pytest.raises(FileUnavailable, match="again and again"):
        await fetch(downloads, file, tmp_path / "new")
