"""The process that reads strangers' files: what it has, what it may take, and that its end costs one file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import NotReadable
from ingest.readers.choice import read_file
from ingest.readers.sandbox.process import ReaderFault, ReadingLimits, ReadingProcess
from tests.ingest.readers import report
from tests.ingest.readers.bombs import BOMBS
from tests.ingest.readers.decks import deck
from tests.ingest.readers.workbooks import timetable

ODD = Path(__file__).with_name("odd_child.py")
PAGE = b"<html><h1>Title</h1><p>The Forum is held in Geneva."


def odd(what: str, limits: ReadingLimits | None = None) -> ReadingProcess:
    return ReadingProcess(limits, (sys.executable, "-I", str(ODD), what))


@pytest.fixture(scope="module")
def reading() -> Iterator[ReadingProcess]:
    with ReadingProcess() as process:
        yield process


def status(reading: ReadingProcess, what: str) -> str:
    return Path(f"/proc/{reading.pid}/{what}").read_text()


def children() -> set[str]:
    """Return the ids of this process's children on Linux, none elsewhere."""
    lists = Path("/proc/self/task").glob("*/children")
    return {pid for path in lists for pid in path.read_text().split()}


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.docx", report.as_docx),
        ("a.html", report.as_html),
        ("a.md", report.as_markdown),
        ("a.pdf", report.as_pdf),
        ("a.pptx", deck),
        ("a.xlsx", timetable),
    ],
)
def test_it_reads_what_the_readers_read(reading: ReadingProcess, name: str, write: object) -> None:
    data = write()  # type: ignore[operator]
    there, here = reading.read(name, data), read_file(name, data)
    assert [(b, b.rows) for b in there.blocks] == [(b, b.rows) for b in here.blocks]
    assert (there.title, there.date) == (here.title, here.date)
    assert there.properties == here.properties
    assert (list(there.notes), list(there.margins)) == (list(here.notes), list(here.margins))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_one_line_and_within_half_a_gigabyte(reading: ReadingProcess, name: str) -> None:
    write, reason = BOMBS[name]
    with pytest.raises(NotReadable, match=reason) as refused:
        reading.read(name, write())
    assert "\n" not in str(refused.value)
    if sys.platform == "linux":
        # The copy that reads it has no more addresses than memory was allowed.
        [peak] = [line for line in status(reading, "status").splitlines() if line.startswith("VmHWM")]
        assert int(peak.split()[1]) < 500_000


@pytest.mark.parametrize(
    ("what", "limits", "reason", "process_ends"),
    [
        ("silent", ReadingLimits(clock=0.5), "did not end within 0 seconds", True),
        ("busy", ReadingLimits(processor=0), "more than 0 seconds of processor time", False),
        ("crashing", None, "ended in a crash", False),
        ("killed", None, "ended in a crash", True),
        ("mute", None, "ended in a crash", True),
        ("endless", ReadingLimits(answer=1_000_000), "more text than the 1 MB", True),
        ("pickle", None, "reading it failed", True),
        ("wrong", None, "reading it failed", True),
        ("empty", None, "reading it failed", False),
        ("lines", None, "one two", False),
    ],
)
def test_whatever_it_does_costs_the_file(
    what: str, limits: ReadingLimits | None, reason: str, process_ends: bool
) -> None:
    before = children()
    with odd(what, limits) as reading:
        with pytest.raises(NotReadable, match=reason) as refused:
            reading.read("a.md", b"# Title")
        # It ends at once, not with the last file.
        if process_ends:
            assert children() == before
    assert "\n" not in str(refused.value)


def test_after_a_crash_the_next_file_is_read() -> None:
    with odd("crashing") as reading:
        with pytest.raises(NotReadable):
            reading.read("a.md", b"# Title")
        assert reading.read("a.html", PAGE).title == "Title"


def test_a_fault_of_a_reader_is_told_with_its_place() -> None:
    with odd("faulty") as reading:
        with pytest.raises(ReaderFault, match=r"in faulty\n(?s:.*)AttributeError: "):
            reading.read("a.md", b"# Title")
        assert reading.read("a.html", PAGE).title == "Title"


def test_after_its_death_the_next_file_is_read_by_another(reading: ReadingProcess) -> None:
    reading.read("a.html", PAGE)
    first = reading.pid
    os.kill(first or 0, 9)
    assert reading.read("a.html", PAGE).title == "Title"
    assert reading.pid != first


def test_at_its_end_nobody_is_left() -> None:
    with ReadingProcess() as reading:
        reading.read("a.html", PAGE)
        pid = reading.pid or 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_short_text_needs_no_process() -> None:
    with ReadingProcess() as reading:
        assert reading.read("a.txt", b"The Forum is held in Geneva.").blocks
        assert reading.pid is None
        assert reading.read("a.txt", b"%b.\n" % (b"The Forum is held " * 100) * 600).blocks
        assert reading.pid is not None
