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
from mcp.types import ResourceTemplateReference

from bot.cli import main
from bot.mcp.paragraphs import TEMPLATE
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

URI = "itubot://report.txt/2.1"
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("search", {"query": "Schools Alliance"}),
    ("fetch", {"id": URI}),
    ("fetch", {"id": "itubot://report.txt/7"}),
    ("ask", {"question": "How many partners does the Schools Alliance have?", "as_of": "2025-06-01"}),
    ("list_events", {"as_of": "2025-06-01"}),
    ("what_changed", {}),
    ("check_statement", {"statement": "The Schools Alliance has ninety partners.", "as_of": "2025-06-01"}),
    ("ask", {}),
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
    """Return what a client gets by each kind of request."""
    tools = await client.list_tools()
    resources = await client.list_resources()
    templates = await client.list_resource_templates()
    read = await client.read_resource(URI)
    reference = ResourceTemplateReference(type="ref/resource", uri=TEMPLATE)
    completed = await client.complete(reference, {"name": "document", "value": "r"})
    called = [await client.call_tool(name, arguments) for name, arguments in CALLS]
    got = (tools, resources, templates, read, completed, *called)
    return [json.loads(_without_times(result.model_dump(mode="json"))) for result in got]


def _without_times(value: Any) -> str:
    """Return JSON without the times that an answer took, which its text has too."""

    def cut(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {k: cut(v) for k, v in inner.items() if k != "timings_ms"}
        if isinstance(inner, str) and inner.startswith('{"'):
            return cut(json.loads(inner))
        return [cut(one) for one in inner] if isinstance(inner, list) else inner

    return json.dumps(cut(value))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_stdio_gives_what_http_gives(data: Path, mode: str) -> None:
    services = services_on(data)
    async with over_stdio(data, mode=mode) as client:
        by_stdio = await everything(client)
    async with served(services) as url, with_token(url, new_token(services), mode) as client:
        by_http = await everything(client)

    assert by_stdio == by_http


async def test_an_empty_store_says_that_something_has_to_be_ingested(tmp_path: Path) -> None:
    async with over_stdio(tmp_path) as client:
        assert (await client.list_resources()).resources == []
        for name, arguments in CALLS[:7]:
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert "itubot ingest" in text_of(result), name


def test_stdout_has_the_protocol_alone(data: Path) -> None:
    lines = [
        HELLO,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "ask", "arguments": CALLS[3][1]},
        },
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.mcp.small_server", "--debug", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_of(data, PYTHONPATH=str(ROOT)),
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    rest, _ = process.communicate(timeout=60)

    assert [answer["id"] for answer in answers] == [1, 2]
    assert (process.returncode, rest) == (0, "")


def test_ctrl_c_ends_it_though_stdin_is_open(data: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bot.mcp.small_server", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment_of(data, PYTHONPATH=str(ROOT)),
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(HELLO) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["id"] == 1
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 130
    process.stdin.close()
    process.stdout.close()


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
