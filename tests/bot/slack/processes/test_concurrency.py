"""The bot answers while other processes ingest: each question from the newest text, no reply lost, no section lost."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.bot.slack.processes.bot_process import PATIENCE, clean, serving, settings_for
from tests.bot.slack.processes.lamp_documents import lamp_document, lamp_question
from tests.fake_slack.channels import Message
from tests.fake_slack.slack import FakeSlack


def lamps_in(round_number: int) -> int:
    # No number of one round stands in another round's paper.
    return 1000 + 10 * round_number


class Writer:
    """A process that lives long and ingests what it is told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ingest(self, text: str) -> str:
        """Have the file say `text` and be ingested; return what became of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            return (await self._process.stdout.readline()).decode().strip()


@asynccontextmanager
async def writing(folder: Path, file: Path) -> AsyncIterator[Writer]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.slack.processes.ingest_process", str(folder), str(file)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=clean(),
    )
    try:
        yield Writer(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def answering(slack: FakeSlack, folder: Path) -> AsyncIterator[list[str]]:
    """Run the bot; give the lines that it logs, as they come: a full pipe would stop it."""
    logged: list[str] = []

    async def read(stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            logged.append(line.decode())

    async with serving(settings_for(slack, folder)) as bot:
        assert bot.stderr is not None
        logs = asyncio.create_task(read(bot.stderr))
        try:
            yield logged
        finally:
            logs.cancel()
            await asyncio.gather(logs, return_exceptions=True)


async def answer_in(slack: FakeSlack, channel: str) -> str:
    """Ask, and return the words of the reply."""
    asked = await slack.mention(channel, lamp_question())
    await slack.until(lambda: bool(slack.replies(channel, asked["ts"])), PATIENCE)
    return words(slack.replies(channel, asked["ts"])[0])


def words(message: Message) -> str:
    return str(message["blocks"])


async def rounds(slack: FakeSlack, folder: Path, file: Path, count: int) -> None:
    """Change the paper `count` times and ask each time, during the ingest and after it.

    Asserts that no answer is stale and no reply lost or doubled.
    """
    async with answering(slack, folder) as logged, writing(folder, file) as writer:
        await writer.ingest(lamp_document(lamps_in(0)))
        await slack.until(lambda: slack.connections() >= 1, PATIENCE)
        for n in range(1, count + 1):
            new = lamp_document(lamps_in(n))
            early = asyncio.create_task(answer_in(slack, "C2"))
            assert await writer.ingest(new) == "changed"
            answer = await answer_in(slack, "C1")
            assert f"{lamps_in(n)} lamps" in answer, f"stale in round {n}: {answer}\n{''.join(logged)}"
            # Meanwhile it may be the old text or the new one, and nothing else.
            meanwhile = await early
            assert any(f"{lamps_in(k)} lamps" in meanwhile for k in (n - 1, n)), (
                f"neither in round {n}: {meanwhile}\n{''.join(logged)}"
            )
    for channel in ("C1", "C2"):
        asked = [message["ts"] for message in slack.messages[channel] if message["user"] == "U1"]
        assert [len(slack.replies(channel, thread)) for thread in asked] == [1] * count


async def sections_not_found(folder: Path) -> list[str]:
    """Return which sections a fresh process does not find first by their own text."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bot.slack.processes.self_search", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=clean(),
    )
    found, _ = await process.communicate()
    result = json.loads(found)
    assert result["sections"] > 30
    return list(result["missed"])


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_answers_use_what_other_processes_ingest(
    slack: FakeSlack, folder: Path, tmp_path: Path
) -> None:
    count = int(os.environ.get("SOAK_ROUNDS", "200"))
    await rounds(slack, folder, tmp_path / "paper.txt", count)
    assert await sections_not_found(folder) == []
