"""What the uploader reads where an ingest fails."""

from __future__ import annotations

import pytest

from store.errors import IndexDamaged
from tests.bot.slack.conftest import Start
from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.library.real_library import REPORT, RealLibrary, add_report


async def test_ingest_error_has_a_reference_and_the_file_is_kept(
    slack: FakeSlack, run: Start, library: RealLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    library.fails = [RuntimeError("secret detail")]
    await run("U1")
    result = await add_report(slack)
    assert "R-" in result
    assert "secret" not in result
    assert library.stored == {REPORT}


async def test_error_of_the_store_names_no_command_of_the_terminal(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    library.fails = [
        IndexDamaged("a part of the index is missing or damaged; run `itubot ingest` to mend it")
    ]
    await run("U1")
    result = await add_report(slack)
    assert "a part of the index is missing or damaged; tell whoever runs me" in result
    assert "itubot" not in result
