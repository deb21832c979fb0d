"""The pictures of Slack: pages made of what the bot sends, photographed by a browser."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from bot.slack.core.ui.elements import plain_message, section
from bot.slack.core.ui.forms import modal

DOCS = Path(__file__).parents[5] / "docs"


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("slack_page")


def test_picture_draws_slacks_formatting(draw: ModuleType) -> None:
    text = ":hourglass_flowing_sand: *Bold*: _slanted_ `code` 2 * 3\nnext"
    assert (
        draw.mrkdwn(text)
        == "\N{HOURGLASS WITH FLOWING SAND} <b>Bold</b>: <i>slanted</i> <code>code</code> 2 * 3<br>next"
    )


def test_picture_escapes_html(draw: ModuleType) -> None:
    assert "<script>" not in draw.from_bot(plain_message("<script>alert(1)</script>").blocks, "8:00 AM")


def test_modal_is_drawn_with_its_title_and_close_button(draw: ModuleType) -> None:
    shown = draw.modal(modal("source", "Source [1]", [section("This document is gone.")]))
    assert [words in shown for words in ("Source [1]", "This document is gone.", ">Close<")] == [True] * 3


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The pages of all pictures: the bot is used for each, which takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield importlib.import_module("slack_scenes").draw(tmp_path_factory.mktemp("data"))


@pytest.mark.slow
def test_every_scene_is_drawn_without_a_block_or_an_emoji_that_the_page_does_not_know(
    pages: Mapping[str, str],
) -> None:
    unknown = {
        name: re.findall(r":[a-z_]{3,}:", page.partition("</style>")[2]) for name, page in pages.items()
    }
    assert [name for name, emoji in unknown.items() if emoji] == []


# What somebody who looks at the picture is to see.
SEEN = {
    "slack.png": [
        "Coming dates, as of 6 May 2024",
        "§ 3.2",
        ">Source",
    ],
    "slack-sources.png": ["Source [1]", ">Close<", "Only visible to you", "approved in December"],
    "slack-home.png": ["Coming dates", "Reminder: ", "What do you keep about me?", "Keeping the library"],
    "slack-dates.png": ["Details of …", "7 days before", "29–30 September 2024", "Reminder: "],
}


@pytest.mark.slow
def test_every_scene_shows_what_it_is_for(pages: Mapping[str, str]) -> None:
    missing = {name: [words for words in SEEN[name] if words not in page] for name, page in pages.items()}
    assert missing == {name: [] for name in SEEN}


@pytest.mark.slow
def test_every_picture_of_slack_is_in_the_page_on_slack(pages: Mapping[str, str]) -> None:
    page = (DOCS / "howto" / "slack.md").read_text(encoding="utf-8")
    assert [name for name in pages if f"](../img/{name})" not in page] == []


def test_without_a_browser_the_script_says_so_and_changes_nothing(tmp_path: Path) -> None:
    picture = DOCS / "img" / "slack.png"
    before = picture.read_bytes()
    command = [sys.executable, str(DOCS / "slack_picture.py")]
    # As `make pictures` calls it.
    environment = os.environ | {"PATH": str(tmp_path), "PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, picture.read_bytes()) == (0, before)
    assert "Chromium is missing" in done.stderr


@pytest.mark.system
def test_the_picture_is_as_high_as_the_page(draw: ModuleType, chromium: str, tmp_path: Path) -> None:
    script = importlib.import_module("slack_picture")
    low, high = tmp_path / "low.png", tmp_path / "high.png"
    message = draw.from_bot(plain_message("One line.").blocks, "8:00 AM")
    script.photograph(chromium, draw.page([draw.pane("#", "", [message])]), low)
    script.photograph(chromium, draw.page([draw.pane("#", "", [message] * 5)]), high)
    heights = [int.from_bytes(file.read_bytes()[20:24]) for file in (low, high)]
    assert heights[0] < heights[1]
