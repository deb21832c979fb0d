"""Files that cannot go in: each is named with its reason, and the others go in."""

from __future__ import annotations

import codecs
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.events.plain import PlainReader
from ingest.report import IngestProgress
from tests.ingest.readers.bombs import pdf
from tests.ingest.readers.pdfs import paragraph, set_pdf
from tests.small_store import SmallStore, open_store

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def failed(store: SmallStore, *paths: Path, prune: bool = False) -> dict[str, str]:
    rows = store.ingest(*paths, prune=prune).documents
    assert any(row.source == "report.txt" and row.status != "failed" for row in rows)
    return {row.source: row.error or "" for row in rows if row.status == "failed"}


def test_every_bad_file_of_a_folder_is_named_with_its_reason(store: SmallStore, papers: Path) -> None:
    with (papers / "huge.pdf").open("wb") as file:
        file.truncate(500_000_000)  # takes no room on the disk
    with zipfile.ZipFile(papers / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b"0" * 30_000_000)
    (papers / "locked.docx").write_bytes(OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"))
    (papers / "locked.pdf").write_bytes(set_pdf([paragraph("It is secret.")], password="x" * 8))
    (papers / "old.docx").write_bytes(OLD_OFFICE + "WordDocument".encode("utf-16-le"))
    (papers / "broken.zip").write_bytes(b"PK\x03\x04 and nothing more")
    (papers / "binary.txt").write_bytes(b"\x00\x01" * 40)
    (papers / "empty.html").write_bytes(b"")
    (papers / "nowhere.txt").symlink_to(papers / "gone")
    (papers / "circle.txt").symlink_to(papers / "circle.txt")
    (papers / os.fsdecode(b"caf\xe9.txt")).write_text("1.1\tIt has a name of an older system.\n")

    reasons = failed(store, papers)

    said = {
        "huge.pdf": "500 MB; the most is",
        "bomb.zip/bomb.txt": "would unpack to 30 MB",
        "locked.docx": "protected by a password",
        "locked.pdf": "password",
        "old.docx": "save it as .docx",
        "broken.zip": "damaged",
        "binary.txt": "binary data",
        "empty.html": "the file is empty",
        "nowhere.txt": "the file is not there",
        "circle.txt": "Too many levels of symbolic links",
        os.fsdecode(b"caf\xe9.txt"): "its path is no valid UTF-8: give the file another name",
    }
    assert set(reasons) == set(said)
    assert [name for name, words in said.items() if words not in reasons[name]] == []


def test_file_that_crashes_its_reader_fails_no_other_file(store: SmallStore, papers: Path) -> None:
    (papers / "a.html").write_text("<html><p>It is read before.")
    (papers / "bomb.pdf").write_bytes(pdf(1_000))
    (papers / "c.html").write_text("<html><p>It is read after.")

    reasons = failed(store, papers)

    assert list(reasons) == ["bomb.pdf"]
    assert "takes more memory" in reasons["bomb.pdf"]
    assert {d.source for d in store.catalog.documents()} == {"a.html", "c.html", "report.txt"}


def test_document_stays_if_the_date_rules_fail_for_its_replacement(
    store: SmallStore, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (papers / "brief.txt").write_text("1.1\tThe fair opens on 5 May 2025.\n")
    store.ingest(papers)
    (papers / "brief.txt").write_text("Document C25/7\n\n1.1\tThe fair opens on 5 May 2025.\n")

    def broken(*_: Any) -> Any:
        raise KeyError("a month too many")

    with monkeypatch.context() as patch:
        patch.setattr(PlainReader, "read", broken)
        assert set(failed(store, papers, prune=True)) == {"brief.txt"}

    assert [d.id for d in store.catalog.documents()] == ["brief.txt", "report.txt"]
    assert store.ingest(papers).documents[0].status == "changed"
    assert [d.id for d in store.catalog.documents()] == ["C25/7", "report.txt"]


def test_file_that_is_deleted_during_the_ingest_is_reported(store: SmallStore, papers: Path) -> None:
    (papers / "brief.txt").write_text("1.1\tIt was there a moment ago.\n")

    def vanish(step: IngestProgress) -> None:
        (papers / "brief.txt").unlink(missing_ok=True)

    rows = store.pipeline.ingest([papers], progress=vanish).documents

    assert {row.source: row.error for row in rows} == {
        "brief.txt": "the file is not there",
        "report.txt": None,
    }


@pytest.fixture
def powerless() -> Iterator[None]:
    """Rights that end at a mode: the administrator's do not."""
    # Python may be installed where only the administrator can read, and remembers what it did not find.
    codecs.lookup("utf-8-sig")
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield
    os.seteuid(before)


def test_unreadable_file_is_reported_and_not_pruned(open_folder: Path, powerless: None) -> None:
    papers = open_folder / "papers"
    before = os.geteuid()
    os.seteuid(os.getuid())
    (papers / "inner").mkdir(parents=True)
    for name in ("report.txt", "secret.txt", "inner/note.txt"):
        (papers / name).write_text(f"1.1\tThe text of {name}.\n")
    (open_folder / "data").mkdir()
    (open_folder / "data").chmod(0o777)
    os.seteuid(before)
    store = open_store(open_folder / "data")
    store.ingest(papers)
    os.seteuid(os.getuid())
    (papers / "secret.txt").chmod(0)
    (papers / "inner").chmod(0)
    os.seteuid(before)

    reasons = failed(store, papers, prune=True)

    assert reasons == {
        "inner": "the file cannot be read (Permission denied)",
        "secret.txt": "the file cannot be read (Permission denied)",
    }
    assert [d.source for d in store.catalog.documents()] == ["inner/note.txt", "report.txt", "secret.txt"]
