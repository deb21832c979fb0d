"""`itubot token` and `itubot serve` as processes: an assistant with a token reads what its audience may."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mcp.shared.exceptions import MCPError

from tests.bot.mcp.connections import found_by, with_token
from tests.bot.slack.processes.bot_process import PATIENCE, serving
from tests.fake_slack.slack import FakeSlack
from tests.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_a_token_works_until_it_is_revoked_and_is_in_no_log(
    slack: FakeSlack, environment: dict[str, str], tmp_path: Path, log_format: str
) -> None:
    port = free_port()
    environment |= {
        "ITUBOT_PUBLIC_URL": "https://bot.example.org",
        "ITUBOT_PORT": str(port),
        "ITUBOT_LOG_FORMAT": log_format,
    }

    def itubot(*arguments: str) -> str:
        command = [sys.executable, "-m", "bot", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    token = itubot("token", "add", "an editor").strip()
    question = {"question": "On which days is the Summit of the Future?", "as_of": "2024-05-01"}
    with (tmp_path / "log").open("wb") as log:
        async with serving(environment, log=log):
            await slack.until(lambda: slack.connections() == 1, PATIENCE)
            async with with_token(f"http://127.0.0.1:{port}/mcp", token) as client:
                found = found_by(await client.call_tool("ask", question))
                itubot("token", "revoke", "an editor")
                with pytest.raises(MCPError):
                    await client.call_tool("ask", question)
    command = json.loads(itubot("ask", question["question"], "--as-of", question["as_of"], "--json"))

    assert {**found, "timings_ms": {}} == {**command, "timings_ms": {}}
    written = (tmp_path / "log").read_text()
    assert "connected to Test" in written
    assert token not in written
