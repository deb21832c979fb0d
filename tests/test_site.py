"""The documentation as a site: it is built without a warning, and asks no other host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
# A wide screen, and a telephone.
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` writes it, with the packages that the tests run with."""
    built = tmp_path_factory.mktemp("site")
    run = subprocess.run(
        # The virtual environment is there: nothing is to be installed.
        [
            "make",
            "docs",
            "--assume-old=.venv/docs.stamp",
            f"BIN={Path(sys.executable).parent}",
            f"SITE={built}",
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return built


class Loads(HTMLParser):
    """The addresses that a browser loads by itself for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep the address of a picture, a script, a style sheet, a frame."""
        names = {"link": "href", "a": ""}
        self.found += [value or "" for name, value in attributes if name == names.get(tag, "src")]


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages, styles = list(site.rglob("*.html")), list(site.rglob("*.css"))
    loads = Loads()
    for page in pages:
        loads.feed(page.read_text(encoding="utf-8"))
    for style in styles:
        loads.found += re.findall(r"(?:url\(|@import\s+)['\"]?([^'\")]+)", style.read_text(encoding="utf-8"))

    assert len(loads.found) > len(pages)
    assert [address for address in loads.found if re.match(r"(?:\w+:)?//", address)] == []


@pytest.fixture
def browser_page(chromium: str) -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.system
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(site: Path, browser_page: Page, width: int) -> None:
    wide = {}
    browser_page.set_viewport_size({"width": width, "height": 800})
    for page in sorted(site.rglob("*.html")):
        browser_page.goto(page.as_uri())
        needed = browser_page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            wide[page.name] = needed

    assert wide == {}


@pytest.mark.system
def test_an_example_in_arabic_begins_at_the_right(site: Path, browser_page: Page) -> None:
    browser_page.goto((site / "howto" / "languages.html").as_uri())
    lines = browser_page.evaluate(
        """() => {
            const block = [...document.querySelectorAll('pre')].find(one => one.textContent.includes('المصادر'));
            const box = block.getBoundingClientRect(), found = {};
            const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) for (const word of ['المصادر', 'Scheduled']) {
                const at = walker.currentNode.data.indexOf(word), range = document.createRange();
                if (at < 0) continue;
                range.setStart(walker.currentNode, at);
                range.setEnd(walker.currentNode, at + word.length);
                const place = range.getBoundingClientRect();
                found[word] = [place.left - box.left, box.right - place.right];
            }
            return found;
        }"""
    )

    left, right = lines["المصادر"]
    assert right < left
    left, right = lines["Scheduled"]
    assert left < right
