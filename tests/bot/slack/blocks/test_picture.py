"""The README's picture of Slack: a page made of the bot's blocks, photographed by a browser."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bot.register.digest import build_digest
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.digest import digest_message
from tests.bot.register_entries import AS_OF, spring

DOCS = Path(__file__).parents[4] / "docs"


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
    assert "<script>" not in draw.from_bot(blocks.notice("<script>alert(1)</script>"), "8:00 AM")


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
    message = draw.from_bot(blocks.notice("One line."), "8:00 AM")
    script.photograph(chromium, draw.page([draw.pane("#", "", [message])]), low)
    script.photograph(chromium, draw.page([draw.pane("#", "", [message] * 5)]), high)
    heights = [int.from_bytes(file.read_bytes()[20:24]) for file in (low, high)]
    assert heights[0] < heights[1]
