"""The consoles: how wide they are."""

from __future__ import annotations

import os

import pytest

from bot.terminal import MOST_COLUMNS, stdout_console


@pytest.fixture
def resize(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make stdout a terminal with the last number of these as its columns."""
    columns = [80]
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((columns[-1], 25)))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLUMNS", raising=False)
    return columns


def test_width_follows_a_terminal_that_is_made_narrower(resize: list[int]) -> None:
    console = stdout_console()
    before = console.width
    resize.append(60)
    assert (before, console.width) == (80, 60)


def test_wide_terminal_is_used_in_part(resize: list[int]) -> None:
    resize.append(200)
    assert stdout_console().width == MOST_COLUMNS
