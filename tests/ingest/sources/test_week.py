"""A week of fetches by a clock that is passed in, of a site whose documents change in every way."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from tests.ingest.sources.conftest import Watched
from tests.ingest.sources.site import Page, Site

HOURS = 6
FETCHES = 7 * 24 // HOURS


@dataclass
class Expected:
    """What a document should be: its version, and how often its content should have been sent."""

    page: Page
    number: int = 0
    version: int = 0
    sent: int = 0
    has_news: bool = True
    has_new_content: bool = True


class Council:
    """A site whose documents are written, touched, withdrawn and put back by chance, and the model of the library."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.random = random.Random(seed)  # noqa: S311
        self.expected: dict[str, Expected] = {}
        self.is_down = False
        for _ in range(6):
            self.add()

    def add(self) -> None:
        name = f"paper-{len(self.expected)}.txt"
        self.expected[name] = Expected(self.site.put(f"/{name}"))
        self.write(name)
        self.site.list("/council", *self.expected)

    def write(self, name: str) -> None:
        """Write another content, under a new ETag and an old date."""
        one = self.expected[name]
        one.number += 1
        one.page.body = f"1.1\t{name} in its edition {one.number} is about lamps.\n".encode()
        one.page.etag = f'"{one.number} {self.random.random()}"'
        one.page.modified = "Sun, 01 Jun 2025 10:00:00 GMT"
        one.has_news = one.has_new_content = True

    def touch(self, name: str) -> None:
        """Give the same content a new ETag and a new date."""
        one = self.expected[name]
        one.page.etag, one.page.modified = (
            f'"touched {self.random.random()}"',
            "Mon, 02 Jun 2025 10:00:00 GMT",
        )
        one.has_news = True

    def happen(self) -> None:
        """Let some things happen before the next fetch."""
        self.is_down = False
        for page in self.site.pages.values():
            page.status = 200 if page.status == 500 else page.status
        for _ in range(self.random.randrange(4)):
            name = self.random.choice(sorted(self.expected))
            match self.random.randrange(6):
                case 0 | 1:
                    self.write(name)
                case 2:
                    self.touch(name)
                case 3:
                    self.expected[name].page.status = 404
                case 4:
                    self.expected[name].page.status = 200
                case 5:
                    self.add()
        if self.random.random() < 0.15:
            self.is_down = True
            self.site.pages["/council"].status = 500

    def fetched(self) -> None:
        """Note what a fetch should have done."""
        for one in self.expected.values():
            if self.is_down or one.page.status != 200:
                continue
            one.sent += one.has_news
            one.version += one.has_new_content
            one.has_news = one.has_new_content = False


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_after_each_fetch_of_a_week_the_library_has_what_it_should(
    watched: Watched, site: Site, seed: int
) -> None:
    council = Council(site, seed)
    source = watched.watch(f"{site.url}/council")

    for _ in range(FETCHES):
        report = watched.fetch(source, after=HOURS * 3600)
        council.fetched()
        present = {name: one for name, one in council.expected.items() if one.version}
        assert (report.status == "failed") == council.is_down
        assert watched.versions() == {name: one.version for name, one in present.items()}
        assert {name: site.count()[f"/{name}"] for name in present} == {
            name: one.sent for name, one in present.items()
        }
        council.happen()
    assert site.most_at_once == 1
