"""`itubot forget` beside a running bot: no file of the data folder has the person's words or id afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from store.jobs import QuestionStore
from tests.bot.slack.processes.bot_process import PATIENCE, run_command, serving
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import open_jobs, until_stored
from tests.store.jobs.test_forgetting import files_with

pytestmark = [pytest.mark.slow, pytest.mark.files, pytest.mark.timeout(300)]

PERSON = "U0FORGETME"
WORDS = "does Zanzibarine harbour law apply"


async def test_forgotten_person_is_in_no_file_while_the_bot_runs(
    slack: FakeSlack, environment: dict[str, str], folder: Path
) -> None:
    async with serving(environment):
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        asked = await slack.mention("C1", f"When {WORDS}?", user=PERSON)
        await slack.reply("C1", asked["ts"])
        await until_stored(lambda: not open_jobs(QuestionStore.open(database_url(folder))))
        stored = files_with(WORDS, folder), files_with(PERSON, folder)
        await asyncio.to_thread(run_command, ("forget", PERSON), environment)
        left = files_with(WORDS, folder), files_with(PERSON, folder)

    assert stored[0]
    assert stored[1]
    assert left == ([], [])
