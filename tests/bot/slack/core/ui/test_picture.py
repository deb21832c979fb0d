"""The pictures of Slack: pages made of the bot's blocks, photographed by a browser."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bot.register.digest import build_digest
from bot.settings import Settings
from bot.slack.core.ui.elements import plain_message, section
from bot.slack.core.ui.forms import modal
from bot.slack.features.questions.thread_status import working
from bot.slack.features.subscriptions.digests import digest_message
from bot.wiring import build
from tests.bot.register_entries import AS_OF, spring
from tests.conftest import copy_data

DOCS = Path(__file__).parents[5] / "docs"


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("slack_page")


def test_picture_draws_slacks_formatting(draw: ModuleType) -> None:
    text = ":alarm_clock: *Bold*: _slanted_ `code` 2 * 3\nnext"
    assert draw.mrkdwn(text) == "⏰ <b>Bold</b>: <i>slanted</i> <code>code</code> 2 * 3<br>next"


def test_picture_knows_every_emoji_of_the_digest(draw: ModuleType) -> None:
    shown = draw.from_bot(digest_message(build_digest(spring(), AS_OF)), "8:00 AM")
    assert "SIDS4" in shown
    assert ":busts_in_silhouette:" not in shown


def test_picture_escapes_html(draw: ModuleType) -> None:
    assert "<script>" not in draw.from_bot(plain_message("<script>alert(1)</script>"), "8:00 AM")


def test_modal_is_drawn_with_its_title_and_close_button(draw: ModuleType) -> None:
    shown = draw.modal(modal("source", "Source [1]", [section("This document is gone.")]))
    assert [words in shown for words in ("Source [1]", "This document is gone.", ">Close<")] == [True] * 3


def test_status_begins_with_the_name_of_the_bot(draw: ModuleType) -> None:
    assert "<b>itubot</b> is working on your question…" in draw.status(working())


def test_every_scene_is_drawn_without_a_block_or_an_emoji_that_the_page_does_not_know(
    draw: ModuleType, ingested: Path, tmp_path: Path
) -> None:
    script = importlib.import_module("slack_picture")
    # A scene ingests another version of the report.
    copy_data(ingested, tmp_path)
    services = build(Settings(data_dir=tmp_path, _env_file=None))
    pages = {name: scene(services) for name, scene in script.SCENES.items()}
    unknown = {
        name: re.findall(r":[a-z_]{3,}:", page.partition("</style>")[2]) for name, page in pages.items()
    }
    assert [name for name, emoji in unknown.items() if emoji] == []


def test_every_picture_of_slack_is_in_the_page_on_slack(draw: ModuleType) -> None:
    page = (DOCS / "slack.md").read_text(encoding="utf-8")
    script = importlib.import_module("slack_picture")
    assert [name for name in script.SCENES if f"](img/{name})" not in page] == []


def test_without_a_browser_the_script_says_so_and_changes_nothing(tmp_path: Path) -> None:
    picture = DOCS / "img" / "slack.png"
    before = picture.read_bytes()
    command = [sys.executable, str(DOCS / "slack_picture.py")]
    done = subprocess.run(
        command, env=os.environ | {"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, picture.read_bytes()) == (0, before)
    assert "Chromium is missing" in done.stderr


@pytest.mark.system
def test_the_picture_is_as_high_as_the_page(draw: ModuleType, chromium: str, tmp_path: Path) -> None:
    script = importlib.import_module("slack_picture")
    low, high = tmp_path / "low.png", tmp_path / "high.png"
    message = draw.from_bot(plain_message("One line."), "8:00 AM")
    script.photograph(chromium, draw.page([draw.pane("#", "", [message])]), low)
    script.photograph(chromium, draw.page([draw.pane("#", "", [message] * 5)]), high)
    heights = [int.from_bytes(file.read_bytes()[20:24]) for file in (low, high)]
    assert heights[0] < heights[1]
