"""What the uploader reads where an ingest fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.subprocesses import SubprocessDied
from store.errors import IndexDamaged
from tests.bot.slack.conftest import PATIENT, Start
from tests.bot.slack.features.library.real_library import (
    REPORT,
    RealLibrary,
    add_report,
    archive,
    upload_result,
)
from tests.fake_slack.hosted_files import send_files
from tests.fake_slack.slack import FakeSlack


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
        IndexDamaged("a part of the index is missing or damaged; run `itubot reindex` to rebuild it")
    ]
    await run("U1")
    result = await add_report(slack)
    assert "a part of the index is missing or damaged; tell whoever runs me" in result
    assert "itubot" not in result


WORKBOOK = archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""})


@pytest.mark.parametrize(
    ("name", "data", "described", "why"),
    [
        ("r.txt", REPORT, {"mode": "external", "external_type": "gdrive"}, "only linked (gdrive)"),
        ("r.txt", b"", {}, "is empty"),
        ("r.png", b"\x89PNG", {}, "not read"),
        ("r.docx", WORKBOOK, {}, "Excel"),
    ],
)
async def test_failed_file_is_one_line(
    slack: FakeSlack,
    run: Start,
    library: RealLibrary,
    name: str,
    data: bytes,
    described: dict[str, Any],
    why: str,
) -> None:
    await run("U1")
    result = await upload_result(
        slack, "D1", await send_files(slack, slack.hosted.add(name, data, **described))
    )
    assert why in result
    assert len(result.splitlines()) == 2
    assert library.files == {}


async def test_unreadable_version_leaves_the_former_and_is_kept(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    await run("U1")
    await add_report(slack)
    result = await add_report(slack, b"{\\rtf1 }")
    assert "Rich Text" in result
    assert (library.sources, library.files) == (["report.txt"], {"report.txt": REPORT})
    assert library.stored == {REPORT, b"{\\rtf1 }"}


async def test_crash_of_the_reader_affects_one_file(
    slack: FakeSlack, run: Start, library: RealLibrary
) -> None:
    # Together, and then the first alone.
    library.fails = [SubprocessDied("killed"), SubprocessDied("killed")]
    await run("U1")
    files = [slack.hosted.add(name, REPORT) for name in ("a.txt", "b.txt")]
    result = await upload_result(slack, "D1", await send_files(slack, *files))
    assert "*a.txt* is not added: reading it ended in a crash" in result
    assert (library.sources, list(library.files)) == (["b.txt"], ["b.txt"])


async def test_stuck_reader_is_ended(slack: FakeSlack, run: Start, library: RealLibrary) -> None:
    await run("U1", timing=replace(PATIENT, hung_after=0.1))
    library.go.clear()
    result = await add_report(slack)
    assert "did not come to an end" in result
    assert library.files == {}
    library.fails = [RuntimeError("the reader that was ended")]
    library.go.set()
