"""The bots of a storm: processes that are killed and started anew, each with a log."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

from store.jobs import DailyDigest, DigestStore, Holder
from tests.bot.slack.processes.bot_process import PATIENCE, serving
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url

PROGRAM = "tests.tools.chaos.program"
# Seconds that a bot may take to end when it is told to.
_FAREWELL = 60.0


class Bot:
    """One of the bots; `complaints` says where it ended by itself, or not well."""

    def __init__(self, name: str, environment: dict[str, str], log: Path, program: str = PROGRAM) -> None:
        self.name = name
        self._program = program
        self.complaints: list[str] = []
        self._environment = environment
        self._log = log.open("ab", buffering=0)
        self._stack = AsyncExitStack()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._note("started")
        running = serving(self._environment, self._program, self._log)
        self._process = await self._stack.enter_async_context(running)

    async def kill(self) -> None:
        """Kill it as `kill -9` does, and nothing that it has started."""
        assert self._process is not None
        if self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGKILL)
        else:
            self._complain(f"ended by itself, exit code {self._process.returncode}")
        await self._process.wait()
        self._note("killed")

    async def stop(self) -> None:
        """Tell it to stop, and wait for that."""
        assert self._process is not None
        if self._process.returncode is not None:
            self._complain(f"ended by itself, exit code {self._process.returncode}")
            return
        self._note("told to stop")
        self._process.send_signal(signal.SIGTERM)
        try:
            code = await asyncio.wait_for(self._process.wait(), _FAREWELL)
        except TimeoutError:
            self._complain(f"did not stop within {_FAREWELL:.0f} seconds")
        else:
            if code:
                self._complain(f"was told to stop and ended with exit code {code}")

    async def close(self) -> None:
        await self._stack.aclose()
        self._log.close()

    def _complain(self, what: str) -> None:
        self.complaints.append(f"bot {self.name} {what}")

    def _note(self, what: str) -> None:
        self._log.write(f"--- {time.strftime('%H:%M:%S')} {what}\n".encode())


def on_own_host(environment: dict[str, str], folder: Path, name: str) -> dict[str, str]:
    """Return the environment of a bot that shares servers and stored files with others, and no data folder."""
    return environment | {
        "ITUBOT_DATA_DIR": str(folder / f"data-{name}"),
        "ITUBOT_ENCODER_DIR": str(folder / "data" / "encoder"),
        "ITUBOT_STORAGE_URL": (folder / "files").as_uri(),
    }


async def connected(slack: FakeSlack, bots: list[Bot]) -> None:
    """Start the bots and wait until Slack reaches each."""
    for bot in bots:
        await bot.start()
    await slack.until(lambda: slack.connections() >= len(bots), PATIENCE)


def had_digest(folder: Path, channel: str, day: date) -> None:
    """Record the digest of a day: a bot that never posted one does not catch up with what was missed."""
    runs = DigestStore.open(database_url(folder))
    job = runs.claim(DailyDigest(channel, day), Holder("a process that is gone", 60.0))
    assert job is not None
    runs.change(job.lease, True, ts="1.000001")
