"""The page on other assistants says what the server does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.mcp.tools import Caller, search
from bot.settings import names
from bot.wiring import Services

PAGE = (Path(__file__).parents[3] / "docs/howto/assistants.md").read_text(encoding="utf-8")


def objects() -> list[Any]:
    """Return the JSON objects that are indented as code, in order."""
    blocks = re.findall(r"(?:^ {4,}\S.*\n)+", PAGE, re.MULTILINE)
    return [json.loads(block) for block in blocks if block.strip().startswith("{")]


def commands() -> list[dict[str, Any]]:
    desktop, _, editor = objects()
    return [desktop["mcpServers"]["itubot"], editor["servers"]["itubot"]]


@pytest.mark.parametrize("started", commands())
def test_the_examples_start_the_command_with_known_settings(
    started: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(started["env"]) <= set(names())
    assert main([*started["args"], "--help"]) == 0
    assert "MCP" in capsys.readouterr().out


def test_the_example_result_is_what_the_report_gives(report: Services) -> None:
    [shown] = objects()[1]["results"]
    found = search(Caller("test", report), "When is the Summit of the Future?")

    assert shown.items() <= found.results[0].model_dump().items()
