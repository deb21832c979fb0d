"""The pages on other assistants say what the server does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.checking import Verdict
from bot.cli import main
from bot.mcp.server import RESOURCES_A_PAGE
from bot.mcp.tools import CHANGES_A_PAGE, EVENTS_A_PAGE, TOOLS
from bot.settings import names
from bot.wiring import Services

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "howto" / "assistants.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "tools.md").read_text(encoding="utf-8")
DRAFTS = (DOCS / "howto" / "drafts.md").read_text(encoding="utf-8")


def objects() -> list[Any]:
    """Return the JSON objects that are indented as code, in order."""
    blocks = re.findall(r"(?:^ {4,}\S.*\n)+", PAGE, re.MULTILINE)
    return [json.loads(block) for block in blocks if block.strip().startswith("{")]


def commands() -> list[dict[str, Any]]:
    desktop, _, editor = objects()
    return [desktop["mcpServers"]["itubot"], editor["servers"]["itubot"]]


def test_every_verdict_is_explained() -> None:
    assert set(re.findall(r"^\| `([^`]+)` \|", DRAFTS, re.MULTILINE)) == set(get_args(Verdict))


def test_the_sizes_of_pages_are_true() -> None:
    assert f"`list_events` returns {EVENTS_A_PAGE} events a page" in REFERENCE
    assert f"`what_changed` {CHANGES_A_PAGE} paragraphs" in REFERENCE
    assert f"pages of {RESOURCES_A_PAGE}" in REFERENCE


@pytest.mark.parametrize("started", commands())
def test_the_examples_start_the_command_with_known_settings(
    started: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(started["env"]) <= set(names())
    assert main([*started["args"], "--help"]) == 0
    assert "MCP" in capsys.readouterr().out


def test_the_example_answer_is_what_the_report_gives(report: Services) -> None:
    example = objects()[1]
    [ask] = [tool for tool in TOOLS if tool.name == "ask"]
    question = ask.arguments(question="When is the Summit of the Future?", as_of="2024-05-01")  # type: ignore[call-arg]
    found = ask.run(report, question).value

    [citation] = example.pop("citations")
    assert example.items() <= found.items()
    assert citation.items() <= found["citations"][0].items()
