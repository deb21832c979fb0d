"""The timeline page, read as HTML and opened in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bot.locales import LANGUAGES, _, in_language
from bot.register.export.timeline import Axis, to_html
from tests.bot.register_entries import AS_OF, entry, spring

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;'


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize(
    "field_name", ["title", "location", "quote", "document", "source", "section", "recurrence"]
)
def test_page_escapes_text_of_documents(field_name: str) -> None:
    said: dict[str, Any] = {field_name: HOSTILE}
    page = to_html([entry(**{"title": "Conference", "start": "2024-05-09"} | said)], AS_OF)
    tags = [tag for tag, _ in Elements(page).found]
    assert tags.count("script") == 1
    assert "img" not in tags


def test_page_loads_nothing_from_other_addresses() -> None:
    for _tag, attributes in Elements(to_html(spring(), AS_OF)).found:
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "data:").startswith("data:")


def test_words_of_documents_keep_their_own_direction() -> None:
    page = to_html([entry("منتدى النطاق العريض", "2024-05-09", quote="يعقد المنتدى في 9 مايو.")], AS_OF)
    assert "<bdi>منتدى النطاق العريض</bdi>" in page
    assert '<blockquote dir="auto">يعقد المنتدى في 9 مايو.</blockquote>' in page


def test_an_empty_register_says_so() -> None:
    assert "state no date" in to_html([], AS_OF)


def test_distant_milestone_does_not_stretch_the_timeline() -> None:
    far = entry("Goals reached", "2030-01-01", "2030-12-31", precision="year", kind="milestone")
    assert Axis.of([*spring(), far], AS_OF).end < date(2026, 1, 1)
    assert to_html([*spring(), far], AS_OF).count('right-edge">') == 1


def test_timeline_of_past_entries_shows_their_months() -> None:
    axis = Axis.of(spring(), date(2031, 1, 1))
    assert axis.start.year in (2023, 2024)
    assert axis.share(date(2031, 1, 1)) > 1


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_an_entry_at_the_end_of_the_calendar_alone_is_drawn(day: str) -> None:
    assert "Forum" in to_html([entry("Forum", day)], AS_OF)


@pytest.mark.parametrize("as_of", [date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)])
def test_timeline_of_any_as_of_day(as_of: date) -> None:
    axis = Axis.of(spring(), as_of)
    assert axis.start < axis.end
    assert all(0 <= place < 1 for place, _first in axis.ticks)


@dataclass
class Opened:
    """A page in the browser, and what it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def titles(self) -> list[str]:
        found = self.page.locator("li:not([hidden]) .name").all_inner_texts()
        return [str(title) for title in found]


BOTH = pytest.mark.parametrize("opened", [1280, 390], indirect=True)


@pytest.fixture
def opened(request: pytest.FixtureRequest, chromium: str, tmp_path: Path) -> Iterator[Opened]:
    from playwright.sync_api import sync_playwright

    file = tmp_path / "timeline.html"
    file.write_text(to_html(spring(), AS_OF), encoding="utf-8")
    with sync_playwright() as playwright:
        # Without its sandbox it runs as root too, as tests in a container do; the page is our own.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": getattr(request, "param", 1280), "height": 844})
        seen = Opened(page)
        page.on("request", lambda asked: seen.requests.append(asked.url))
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.goto(file.as_uri())
        yield seen
        browser.close()


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_is_in_the_language_in_use(code: str) -> None:
    with in_language(code):
        page = to_html(spring(), AS_OF)
        assert _("Dates in United Nations processes") in page
    direction = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{direction}">' in page


@pytest.mark.system
@BOTH
def test_every_entry_is_on_the_screen_and_nothing_is_fetched(opened: Opened) -> None:
    wide = opened.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert wide <= 0
    assert len(opened.titles()) == len(spring())
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.complaints == []


@pytest.mark.system
def test_the_page_is_filtered_and_shows_quotes(opened: Opened) -> None:
    page = opened.page
    page.fill("input[type=search]", "nairobi")
    assert opened.titles() == ["UN Civil Society Conference"]
    assert page.inner_text("#count") == "1 of 12 dates"
    page.fill("input[type=search]", "no such thing")
    assert page.locator("#nothing").is_visible()

    page.fill("input[type=search]", "")
    page.locator("summary", has_text="SIDS4").focus()
    page.keyboard.press("Enter")
    assert page.locator("blockquote", has_text="The SIDS4 is announced here.").is_visible()
    page.uncheck("input[value=meeting]")
    assert ("SIDS4" in opened.titles(), "Comments on the draft" in opened.titles()) == (False, True)


@pytest.mark.system
def test_bars_stand_in_the_order_of_their_dates_and_show_their_state(opened: Opened) -> None:
    def bar(title: str) -> Any:
        return opened.page.locator("li", has_text=title).locator(".bar")

    named = ("UN Civil Society Conference", "SIDS4", "Summit of the Future")
    places = [bar(title).bounding_box()["x"] for title in named]
    hatched = bar("LLDC Conference").evaluate("bar => getComputedStyle(bar).backgroundImage")

    assert places == sorted(places)
    assert "repeating-linear-gradient" in hatched
    assert float(bar("Zero Draft released").evaluate("bar => getComputedStyle(bar).opacity")) < 0.5
