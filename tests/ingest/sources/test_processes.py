"""Several processes that fetch from the same store: one fetches a source, and a killed one loses nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from store.jobs import SourceStore
from store.migrations import open_database
from store.records import EVERYBODY
from tests.ingest.sources.site import Page, Site
from tests.servers import database_url
from tests.small_store import open_store

NAMES = [f"paper-{number}.txt" for number in range(8)]
STOPS_AT = "/paper-5.txt"
LEASE_SECONDS = 2.0


class Gate:
    """The answer of a page that waits, the first time, until it is opened."""

    def __init__(self, body: bytes) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._body = body

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        is_first = not self.reached.is_set()
        self.reached.set()
        if is_first:
            self.opened.wait(60)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain")
        handler.send_header("Content-Length", str(len(self._body)))
        handler.end_headers()
        handler.wfile.write(self._body)


def start(folder: Path) -> subprocess.Popen[str]:
    arguments = (str(folder), str(LEASE_SECONDS))
    command = [sys.executable, "-m", "tests.ingest.sources.fetch_process", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def gate(site: Site, tmp_path: Path) -> Gate:
    """A source of eight papers, of which one waits."""
    site.list("/council", *NAMES).etag = '"page"'
    for number, name in enumerate(NAMES):
        site.put(f"/{name}", f"1.1\tPaper {number} is about lamps.\n", etag=f'"{number}"')
    gate = Gate(site.pages[STOPS_AT].body)
    site.pages[STOPS_AT] = Page(site.pages[STOPS_AT].body, answer=gate)
    sources = SourceStore(open_database(database_url(tmp_path)))
    sources.add(f"{site.url}/council", EVERYBODY, name="council", every=3600.0)
    return gate


@pytest.mark.slow
def test_a_process_that_is_killed_in_a_fetch_leaves_the_rest_to_the_next(
    tmp_path: Path, site: Site, gate: Gate
) -> None:
    first = start(tmp_path)
    assert gate.reached.wait(60)
    before = [path for path, _ in site.asked]
    first.kill()
    first.wait()
    gate.opened.set()

    until = time.monotonic() + 60
    while "changed" not in (said := start(tmp_path).communicate()[0]):
        assert "busy" in said  # until the lease of the killed process expires
        assert time.monotonic() < until
    after = [path for path, _ in site.asked][len(before) :]

    assert before == ["/council", *(f"/{name}" for name in NAMES[:6])]
    # The page is asked for again, by its ETag, and of the files the one that was under way and the rest.
    assert after == ["/council", *(f"/{name}" for name in NAMES[5:])]
    assert site.count(304) == {"/council": 1}
    documents = open_store(tmp_path).catalog.documents()
    assert {d.source: d.version for d in documents} == dict.fromkeys(NAMES, 1)


@pytest.mark.slow
def test_of_two_processes_one_fetches_a_source(tmp_path: Path, site: Site, gate: Gate) -> None:
    first = start(tmp_path)
    assert gate.reached.wait(60)

    second = start(tmp_path).communicate()[0]
    gate.opened.set()

    assert second == "council busy\n"
    assert first.communicate()[0] == "council changed\n"
    assert site.count() == {"/council": 1, **{f"/{name}": 1 for name in NAMES}}
