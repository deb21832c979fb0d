"""Files given to the bot as its users run it: a process of its own, and one more for each ingest."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from store.catalog import Catalog
from store.locks import writer_lock
from tests.bot.slack.features.library.real_library import upload_result
from tests.bot.slack.processes.bot_process import HURRIED, PATIENCE, serving, settings_for
from tests.fake_slack.hosted_files import send_files
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url, on_servers

REPORT = b"""1 Radio

1.1 The Expert Forum on Lunar Radio Quiet will be held on 3-5 March 2099 in Nairobi.

1.2 Delegates register for the Expert Forum on Lunar Radio Quiet by 1 February 2099.
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_uploaded_file_is_used_in_answers(slack: FakeSlack, folder: Path) -> None:
    environment = settings_for(slack, folder) | {"ITUBOT_LIBRARY_USERS": "U7, U1"}
    file = slack.hosted.add("../lunar report.txt", REPORT)
    async with serving(environment):
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        message = await send_files(slack, file, text="Where is the Expert Forum on Lunar Radio Quiet?")
        result = await upload_result(slack, "D1", message, seconds=PATIENCE)
        assert "is new here: 2 sections, 2 dates" in result
        assert "*3–5 March 2099*  Expert Forum on Lunar Radio Quiet, Nairobi" in result
        await slack.until(lambda: bool(slack.replies("D1")), PATIENCE)
        assert "Nairobi" in str(slack.replies("D1")[0])
    assert [path.read_bytes() for path in (folder / "library/sha256").iterdir()] == [REPORT]


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_upload_of_a_killed_bot_is_finished_on_another_host(
    slack: FakeSlack, folder: Path, tmp_path: Path
) -> None:
    if not on_servers():
        pytest.skip("two hosts need servers: python -m tests.servers")
    here = settings_for(slack, folder) | {
        "ITUBOT_LIBRARY_USERS": "U1",
        "ITUBOT_STORAGE_URL": (tmp_path / "share").as_uri(),
    }
    there = here | {"ITUBOT_DATA_DIR": str(tmp_path / "other")}
    file = slack.hosted.add("lunar.txt", REPORT)
    async with AsyncExitStack() as bots:
        # Another writer: the first bot stores the file and waits.
        with writer_lock(Catalog(database_url(folder)).engine, folder):
            await bots.enter_async_context(serving(here, HURRIED))
            await slack.until(lambda: slack.connections() == 1, PATIENCE)
            message = await send_files(slack, file)
            await slack.until(
                lambda: "another program is writing" in str(slack.replies("D1", message["ts"])), PATIENCE
            )
            await bots.aclose()
        del slack.hosted.files[file.id]
        async with serving(there, HURRIED):
            result = await upload_result(slack, "D1", message, seconds=PATIENCE)
    assert "is new here: 2 sections, 2 dates" in result
    assert len(slack.replies("D1", message["ts"])) == 1
    assert not (tmp_path / "other/library").exists()
