"""The original file of a source, however large: sent piece by piece, and few of them at the same time."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.slack.core.options import FILES_AT_ONCE
from store.schema import documents
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.features.test_sources import CitingAssistant, answered, opened, turned, upload, words
from tests.fake_slack.forms import press
from tests.fake_slack.slack import FakeSlack

MEGABYTES = 24


@pytest.fixture
def assistant(library: RealLibrary) -> CitingAssistant:
    assistant = CitingAssistant()
    assistant.library = library
    return assistant


async def test_large_file_is_never_whole_in_memory(
    slack: FakeSlack, run: Start, library: RealLibrary, tmp_path: Path
) -> None:
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack), user="U5")
    large = tmp_path / "large"
    with large.open("wb") as content:
        content.truncate(MEGABYTES * 1_000_000)
    digest = library.storage.put(large)
    replace_original(library, digest)
    tracemalloc.start()
    try:
        await turned(slack, view, "Send me the original file", user="U5")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "in your direct messages" in words(view)
    assert [sent.sha256 for sent in slack.uploads.known.values()] == [digest]
    assert peak < MEGABYTES * 1_000_000 / 4


def replace_original(library: RealLibrary, digest: str) -> None:
    """Let the documents of a library come from another stored file."""
    with library.store.catalog.engine.begin() as connection:
        connection.execute(update(documents).values(original=digest))


async def test_damaged_file_is_not_sent(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1")
    await upload(slack)
    view = await opened(slack, await answered(slack), user="U5")
    [stored] = (path for path in library.store.folder.rglob("sha256/*") if path.read_bytes() == REPORT)
    stored.write_bytes(REPORT.replace(b"eighty", b"ninety"))
    await turned(slack, view, "Send me the original file", user="U5")
    assert "The file was not sent: the stored file" in words(view)
    assert slack.uploads.known == {}


async def test_few_files_are_sent_at_the_same_time(slack: FakeSlack, run: Start) -> None:
    await run("U1")
    await upload(slack)
    answer = await answered(slack)
    views = [await opened(slack, answer, user=f"U{number}") for number in range(5, 10)]
    before = [view["hash"] for view in views]
    slack.uploads.gate.clear()
    for number, view in enumerate(views, 5):
        await press(slack, view, "Send me the original file", user=f"U{number}")
    await slack.until(lambda: slack.uploads.arriving == FILES_AT_ONCE)
    # What others ask for is done meanwhile.
    await turned(slack, await opened(slack, answer), "Next paragraph")
    slack.uploads.gate.set()
    await slack.until(lambda: all(view["hash"] != was for view, was in zip(views, before, strict=True)))
    assert slack.uploads.most == FILES_AT_ONCE
    assert [upload.data for upload in slack.uploads.known.values()] == [REPORT] * 5
