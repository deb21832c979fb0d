"""`itubot source` and `itubot fetch`, with a library without a model, and a web site on loopback."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from bot.cli import main
from bot.settings import Settings
from bot.wiring import Services, build
from tests.bot.cli_runs import Itubot, Run
from tests.ingest.sources.site import Site, serving
from tests.small_store import HashingEmbedder

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.list("/council", "forum.txt", "alliance.txt")
        site.put("/forum.txt", FORUM, etag='"1"')
        site.put("/alliance.txt", "1.1\tThe Schools Alliance has eighty-four partners.\n", etag='"1"')
        yield site


@pytest.fixture
def itubot(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Itubot]:
    """Run the command line on a data folder of its own; sources on loopback are allowed."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("ITUBOT_", "SLACK_")):
            del os.environ[name]
    own = {"SOURCES_PRIVATE": "true", "SOURCES_HTTP": "true", "SOURCES_PAUSE": "0", "DATA_DIR": str(tmp_path)}
    os.environ.update({f"ITUBOT_{name}": value for name, value in own.items()})
    monkeypatch.chdir(tmp_path)

    def make(settings: Settings) -> Services:
        services = build(settings, HashingEmbedder())
        services.shared._export = lambda _: ""  # type: ignore[method-assign]
        return services

    def run(*arguments: str) -> Run:
        code = main(arguments, make)
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    yield run
    os.environ.clear()
    os.environ.update(before)


def test_a_page_is_added_fetched_listed_and_removed(itubot: Itubot, site: Site) -> None:
    added = itubot("source", "add", f"{site.url}/council", "--name", "council", "--every", "1d")
    fetched = itubot("fetch")
    listed = json.loads(itubot("source", "list", "--json").out)
    removed = itubot("source", "remove", "council")

    assert added.out.startswith("Added council, which is looked at every day.")
    assert "council: changed; 2 new" in fetched.out
    assert [(each["name"], each["kind"], each["every"], each["documents"]) for each in listed] == [
        ("council", "page", 86400.0, ["alliance.txt", "forum.txt"])
    ]
    assert removed.out == "Removed the source council; its 2 documents stay until `itubot remove`.\n"
    assert "There is no source" in itubot("source", "list").out
    assert "forum.txt" in itubot("documents").out


def test_the_page_shows_what_the_commands_print(itubot: Itubot, site: Site) -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "sources.md").read_text("utf-8")
    council = page.partition("## The page of a council")[2]
    blocks = [[line[4:] for line in block.splitlines()] for block in re.findall(r"(?:    .*\n)+", council)]
    [(add, fetch), (again, *printed)] = blocks[:2]
    first, revised, other = (f"S25-CL-C-{name}!MSW-E.docx" for name in ("0031!", "0031!R1", "0057!"))
    paper = "Document C25/31-E\n1.1\tThe Forum is in Geneva on 7 July 2025.\n"
    site.put(f"/{first}", paper)
    site.put(f"/{revised}", f"Revision 1 to\n{paper.replace('7 July', '14 July')}")
    site.put(f"/{other}", "Document C25/57-E\n1.1\tThe Council elects its Chair.\n")
    site.list("/council", first, "S25-CL-C-0031!!MSW-E.pdf", "about.html")
    command = [part.replace("https://www.itu.int", site.url) for part in shlex.split(add)[1:]]
    command[2] = f"{site.url}/council"

    itubot(*command)
    itubot(*shlex.split(fetch)[1:])
    site.list("/council", first, revised, other)

    assert itubot(*shlex.split(again.removeprefix("$ "))[1:]).out.splitlines() == printed


def test_a_source_that_fails_is_named_and_the_others_are_fetched(itubot: Itubot, site: Site) -> None:
    site.put("/broken", status=500)
    itubot("source", "add", f"{site.url}/broken", "--name", "broken")
    itubot("source", "add", f"{site.url}/council", "--name", "council")

    run = itubot("fetch")

    assert run.code == 1
    assert "broken: failed; its server fails (HTTP 500)" in run.out
    assert "council: changed; 2 new" in run.out
    assert "its server fails (HTTP 500)" in itubot("source", "list").out


def test_a_fetch_that_is_interrupted_lets_the_next_one_go_on(itubot: Itubot, site: Site) -> None:
    itubot("source", "add", f"{site.url}/council", "--name", "council")
    page = site.pages["/forum.txt"]
    page.answer = _interrupting
    # A process that a shell begins in the background ignores Ctrl-C.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)

    code = itubot("fetch").code
    signal.signal(signal.SIGINT, former)

    assert code == 130
    page.answer = None
    assert "council: changed" in itubot("fetch").out


def _interrupting(handler: BaseHTTPRequestHandler) -> None:
    """Press Ctrl-C while the program waits for the answer, which does not come: it ends the request itself."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    assert not handler.connection.recv(1)


def test_a_folder_can_be_a_source(itubot: Itubot, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "forum.txt").write_text(FORUM)

    itubot("source", "add", "papers")

    assert "papers: changed; 1 new" in itubot("fetch").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("source", "add", "https://ann:secret@www.itu.int/"), 1, "holds a user or a password"),
        (("source", "add", "no/such/folder"), 1, "there is no folder"),
        (("source", "add", "https://www.itu.int/", "--every", "1s"), 2, "is not a time between two fetches"),
        (("source", "add", "https://www.itu.int/", "--name", "a b"), 2, "is not a name"),
        (("source", "add", "https://www.itu.int/", "--audience", "everyone"), 2, "is not an audience"),
        (("source", "remove", "council"), 1, "no source 'council'"),
        (("fetch", "council"), 1, "no source 'council'"),
        (("fetch",), 1, "there is no source"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    itubot: Itubot, arguments: tuple[str, ...], code: int, message: str
) -> None:
    run = itubot(*arguments)

    assert (run.code, len(run.err.splitlines())) == (code, 1)
    assert message in run.err
    assert "secret" not in run.err


@pytest.mark.parametrize("name", ["SOURCES_HTTP", "SOURCES_PRIVATE"])
def test_without_the_setting_an_address_is_refused(itubot: Itubot, site: Site, name: str) -> None:
    os.environ[f"ITUBOT_{name}"] = "false"
    added = itubot("source", "add", f"{site.url}/council", "--name", "council")

    run = itubot("fetch")

    assert f"only ITUBOT_{name} allows that" in added.err + run.out
    assert site.asked == []


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ("bearer:very-secret", "Bearer very-secret"),
        ("basic:ann:very-secret", "Basic YW5uOnZlcnktc2VjcmV0"),
    ],
)
def test_credentials_are_sent_to_their_host_and_shown_nowhere(
    itubot: Itubot, site: Site, credentials: str, header: str
) -> None:
    host = site.url.removeprefix("http://")
    os.environ["ITUBOT_SOURCES_CREDENTIALS"] = f"{host}={credentials} other.example=basic:ann:word"
    site.put("/broken", status=403)
    itubot("source", "add", f"{site.url}/broken", "--name", "broken")

    run = itubot("--debug", "fetch")

    assert site.headers[0]["Authorization"] == header
    assert [secret for secret in ("very-secret", header.split()[1]) if secret in run.out + run.err] == []
