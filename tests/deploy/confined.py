"""Runs the installed program as in a container: an ingest, then the bot with a Slack on loopback.

    python -m tests.deploy.confined PROGRAM HEALTHCHECK

`tests.deploy.test_confined` starts it where only the data folder and /tmp can be written and there is no network.
HEALTHCHECK is a command as a JSON array. Prints a JSON object with what happened.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence

from tests.bot.slack.processes.bot_process import PATIENCE
from tests.fake_slack.slack import FakeSlack


async def observe(program: str, check: Sequence[str]) -> dict[str, object]:
    """Return the exit codes, and the answer to a question in Slack."""
    # Not where the tests are: a `.env` there would set the program.
    folder = os.environ["ITUBOT_DATA_DIR"]
    ingest = await asyncio.create_subprocess_exec(program, "ingest", cwd=folder)
    seen: dict[str, object] = {"ingest": await ingest.wait()}
    slack = FakeSlack()
    await slack.start()
    tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
    settings = {**os.environ, **tokens, "ITUBOT_SLACK_API_URL": slack.url}
    bot = await asyncio.create_subprocess_exec(program, "serve", env=settings, cwd=folder)
    await slack.until(lambda: slack.connections() > 0, PATIENCE)
    healthcheck = await asyncio.create_subprocess_exec(*check, env=settings)
    seen["healthcheck"] = await healthcheck.wait()
    asked = await slack.mention("C1", "On which days is the Summit of the Future?")
    await slack.until(lambda: bool(slack.replies("C1", asked["ts"])), PATIENCE)
    seen["answer"] = slack.replies("C1", asked["ts"])[0]["text"]
    bot.terminate()
    seen["serve"] = await bot.wait()
    await slack.stop()
    return seen


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(observe(sys.argv[1], json.loads(sys.argv[2])))))
