"""Files given to the bot as its users run it: a process of its own, and one more for each ingest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.slack.fakes.hosted_files import send_files
from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.library.real_library import upload_result
from tests.bot.slack.processes.bot_process import PATIENCE, serving, settings_for

REPORT = b"""1 Radio

1.1 The Expert Forum on Lunar Radio Quiet will be held on 3-5 March 2099 in Nairobi.

1.2 Delegates register for the Expert Forum on Lunar Radio Quiet by 1 February 2099.
"""


@pytest.mark.timeout(300)
async def test_uploaded_file_is_used_in_answers(slack: FakeSlack, folder: Path) -> None:
    environment = settings_for(slack, folder) | {"ITUBOT_LIBRARY_USERS": "U7, U1"}
    file = slack.hosted.add("../lunar report.txt", REPORT)
    async with serving(environment):
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        message = await send_files(slack, file, text="Where is the Expert Forum on Lunar Radio Quiet?")
        result = await upload_result(slack, "D1", message, seconds=PATIENCE)
        assert "is new here: 3 sections, 2 dates" in result
        assert "3–5 March 2099, Nairobi" in result
        await slack.until(lambda: bool(slack.replies("D1")), PATIENCE)
        assert "Nairobi" in str(slack.replies("D1")[0])
    assert [path.name for path in (folder / "library/.channels").glob("*/*.txt")] == ["_lunar report.txt"]
