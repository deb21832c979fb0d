"""The server by another client, in another language: the protocol's inspector."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.mcp.tools import TOOLS
from tests.bot.mcp.connections import ROOT, new_token, served, services_on
from tests.bot.slack.processes.bot_process import environment_of
from tests.small_store import REPORT

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

URI = "itubot://report.txt/2.1"
# As its own client does, it compares each result with the tool's schema.
CALLS = (
    ("search", {"query": "Schools Alliance"}),
    ("fetch", {"id": URI}),
    ("ask", {"question": "How many partners does the Schools Alliance have?"}),
    ("list_events", {"as_of": "2025-06-01"}),
    ("what_changed", {}),
    ("check_statement", {"statement": "The Schools Alliance has ninety partners."}),
)


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The inspector's path; without npm, or a registry, the tests are skipped, and fail under CI."""
    folder = tmp_path_factory.mktemp("inspector")
    npm = shutil.which("npm")
    command = [npm or "", "install", "--prefix", str(folder), "@modelcontextprotocol/inspector@0.21"]
    if npm is None or subprocess.run(command, capture_output=True, check=False).returncode:
        if os.environ.get("CI"):
            pytest.fail("the inspector cannot be installed by npm, and CI has to have it")
        pytest.skip("the inspector cannot be installed by npm")
    return str(folder / "node_modules" / ".bin" / "mcp-inspector")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "report.txt").write_text(REPORT)
    services = services_on(folder / "data")
    services.shared.ingest([folder / "report.txt"])
    services.shared.close()
    return folder / "data"


def check_all(inspect: Callable[..., Any]) -> None:
    """Check what the inspector gets by each method and each tool."""
    assert [tool["name"] for tool in inspect("tools/list")["tools"]] == [tool.name for tool in TOOLS]
    assert URI in [resource["uri"] for resource in inspect("resources/list")["resources"]]
    [template] = inspect("resources/templates/list")["resourceTemplates"]
    assert template["uriTemplate"] == "itubot://{document}/{paragraph}"
    [contents] = inspect("resources/read", "--uri", URI)["contents"]
    assert "eighty-four partners" in contents["text"]
    for name, arguments in CALLS:
        pairs = [f"{key}={value}" for key, value in arguments.items()]
        options = ["--tool-arg", *pairs] if pairs else []
        result = inspect("tools/call", "--tool-name", name, *options)
        assert json.loads(result["content"][0]["text"]) == result["structuredContent"], name


def run(command: list[str], environment: dict[str, str]) -> Any:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_inspector_reads_everything_over_stdio(inspector: str, data: Path) -> None:
    environment = environment_of(data, PYTHONPATH=str(ROOT))
    server = [sys.executable, "-m", "tests.bot.mcp.small_server", "mcp"]

    check_all(
        lambda method, *more: run([inspector, "--cli", *server, "--method", method, *more], environment)
    )


async def test_the_inspector_reads_everything_over_http(inspector: str, data: Path) -> None:
    services = services_on(data, questions_per_minute=0)
    header = f"Authorization: Bearer {new_token(services)}"
    async with served(services) as url:

        def inspect(method: str, *more: str) -> Any:
            # Options with several values come last.
            return run(
                [inspector, "--cli", url, "--method", method, *more, "--header", header], dict(os.environ)
            )

        await asyncio.to_thread(check_all, inspect)
