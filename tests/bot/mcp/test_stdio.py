"""`itubot mcp`: a real process, and the SDK's own client."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from bot.cli import main
from tests.bot.mcp.connections import (
    ROOT,
    new_token,
    over_stdio,
    served,
    services_on,
    text_of,
    with_token,
)
from tests.bot.slack.processes.bot_process import environment_of
from tests.small_store import REPORT

pytestmark = pytest.mark.slow

QUESTION = {"question": "How many partners does the Schools Alliance have?", "as_of": "2025-06-01"}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("search", {"query": "Schools Alliance"}),
    ("fetch", {"id": "itubot://report.txt/2.1"}),
    ("fetch", {"id": "report.txt"}),
    ("list_events", {"as_of": "2025-06-01"}),
    ("what_changed", {}),
    ("list_documents", {}),
    ("check_statement", {"statement": "The Schools Alliance has ninety partners.", "as_of": "2025-06-01"}),
)
PRIVATE = "1. Plan\n1.1\tThe zq000vex plan is for the channel alone.\n"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "c", "version": "1"},
    },
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    (folder / "report.txt").write_text(REPORT)
    services = services_on(folder / "data")
    services.shared.ingest([folder / "report.txt"])
    services.shared.close()
    return folder / "data"


async def everything(client: Client) -> list[Any]:
    """Return what a client gets by each kind of request, but for answers, which have times."""
    return [
        await client.list_tools(),
        await client.list_resource_templates(),
        await client.read_resource("itubot://report.txt/2.1"),
        *[await client.call_tool(name, arguments) for name, arguments in (*CALLS, ("ask", {}))],
    ]


async def test_stdio_gives_what_http_gives(data: Path) -> None:
    services = services_on(data)
    async with over_stdio(data) as client:
        by_stdio = await everything(client)
    async with served(services) as url, with_token(url, new_token(services)) as client:
        by_http = await everything(client)

    assert by_stdio == by_http


async def test_an_empty_store_says_that_something_has_to_be_ingested(tmp_path: Path) -> None:
    async with over_stdio(tmp_path) as client:
        for name, arguments in (*CALLS, ("ask", QUESTION)):
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert "itubot ingest" in text_of(result), name


def started(data: Path, *options: str) -> subprocess.Popen[str]:
    """Return the running command, which has said hello."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.mcp.small_server", *options, "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_of(data, PYTHONPATH=str(ROOT)),
        text=True,
    )
    assert said(process, HELLO)["id"] == 1
    return process


def said(process: subprocess.Popen[str], *messages: dict[str, Any]) -> Any:
    """Return the next line of a bare session after some messages."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def test_in_a_bare_session_stdout_has_the_protocol_alone(data: Path) -> None:
    process = started(data, "--debug")
    ask = {"name": "ask", "arguments": QUESTION}
    answer = said(
        process,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": ask},
    )
    rest, _log = process.communicate(timeout=120)

    assert answer["id"] == 2
    assert "eighty-four partners" in answer["result"]["structuredContent"]["answer"]
    assert (process.returncode, rest) == (0, "")


def test_ctrl_c_ends_it_though_stdin_is_open(data: Path) -> None:
    with started(data) as process:
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=120) == 130


async def test_a_channel_is_read_where_it_is_named(tmp_path: Path) -> None:
    services = services_on(tmp_path / "data")
    for name, text, audience in (("all.txt", REPORT, "everybody"), ("here.txt", PRIVATE, "T1/C1")):
        (tmp_path / name).write_text(text)
        services.shared.ingest([tmp_path / name], audience=audience)
    services.shared.close()
    found = []
    for arguments in ((), ("--audience", "T1/C1")):
        async with over_stdio(tmp_path / "data", *arguments) as client:
            result = await client.call_tool("search", {"query": "What is zq000vex?"})
            found.append("zq000vex" in text_of(result))

    assert found == [False, True]


def test_without_the_extra_it_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "mcp", None)

    assert main(["mcp"]) == 1
    assert "pip install 'itubot[mcp]'" in capsys.readouterr().err
