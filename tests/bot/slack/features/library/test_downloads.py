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
        ({"filetype": "quip"}, "Slack canvas"),
        ({"mode": "list"}, "Slack list"),
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
        ("missing_scope", "files:read"),
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


async def test_a_file_arrives_whole_with_the_token(
    slack: FakeSlack, downloads: FileDownloader, tmp_path: Path
) -> None:
    file = slack.hosted.add("r.txt", DATA)
    assert await fetch(downloads, file, tmp_path / "new") == DATA
    assert slack.hosted.asked == [(file.id, f"Bearer {slack.bot_token}")]


async def test_interrupted_download_is_retried(
    slack: FakeSlack, downloads: FileDownloader, tmp_path: Path
) -> None:
    assert await fetch(downloads, slack.hosted.add("r.txt", DATA, "cut once"), tmp_path / "new") == DATA


@pytest.mark.parametrize(
    ("fault", "data", "described", "why"),
    [
        ("login", DATA, {}, "files:read"),
        ("login page", DATA, {}, "files:read"),
        ("login page", DATA, {"name": "r.html"}, "files:read"),
        ("forbidden", DATA, {}, "files:read"),
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
    "url", [SLACKS, "https://acme.slack.com/files-pri/x", "https://slack.com/files/x?a=b"]
)
def test_token_is_sent_to_slack_hosts(url: str) -> None:
    assert FileDownloader(SlackClients("xoxb-1", "https://slack.com/api/").unretried, LARGEST).trusts(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/x",
        "https://files.slack.com.evil.example/x",
        "https://evilslack.com/x",
        "https://files.slack.com@evil.example/x",
        "https://evil.example\\@files.slack.com/x",
        "https://evil.example/files.slack.com/",
        "https://files.slack.com:8443/x",
        "https://files.slack.com\t.evil.example/x",
        "https://evil.example#.slack.com/",
        "//evil.example/x",
        "ftp://slack.com/x",
        "",
    ],
)
def test_token_is_sent_to_no_other_host(url: str) -> None:
    assert not FileDownloader(SlackClients("xoxb-1", "https://slack.com/api/").unretried, LARGEST).trusts(url)


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


async def test_other_host_is_not_contacted(
    downloads: FileDownloader, elsewhere: tuple[str, list[str]]
) -> None:
    address, heard = elsewhere
    with pytest.raises(FileUnavailable, match=r"not one of Slack's \(127.0.0.1\)"):
        await downloads.fetch(FileDescription("F1", "r.txt", address, None), BytesIO())
    assert heard == []


async def test_redirect_to_another_host_is_not_followed(
    slack: FakeSlack, downloads: FileDownloader, elsewhere: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, heard = elsewhere
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
