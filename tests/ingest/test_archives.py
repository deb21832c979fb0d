"""Archives and folders of documents: each member by its name, and what is not opened."""

from __future__ import annotations

import io
import tempfile
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings

from ingest.errors import NotReadable
from ingest.files import find_files, read_bytes, read_document
from ingest.readers.zip_archive import ArchiveLimits, ZipArchive
from tests.ingest.readers.bombs import Member, zeros
from tests.ingest.readers.bombs import archive as raw_archive
from tests.ingest.readers.test_fuzz import EDITS, mutated


def archive(folder: Path, members: dict[str, bytes], name: str = "all.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in members.items():
            file.writestr(member, content)
    return path


def refusal(path: Path) -> str:
    (file,) = find_files([path])
    with pytest.raises(NotReadable) as caught:
        read_document(file, read_bytes(file))
    return str(caught.value)


def test_member_names_start_with_the_archives_name(tmp_path: Path) -> None:
    archive(
        tmp_path,
        {"in/report.md": b"# Report\n\nText.", "note.txt": b"Text.", "photo.png": b"x", ".x.txt": b"x"},
    )
    assert [s.name for s in find_files([tmp_path])] == ["all.zip/in/report.md", "all.zip/note.txt"]


def test_a_member_is_read_with_the_sidecar_beside_it(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.txt": b"Text.", "a.txt.meta.toml": b'title = "From the side"'})
    (file,) = find_files([path])
    document, sections = read_document(file, read_bytes(file))
    assert (document.title, [s.text for s in sections]) == ("From the side", ["Text."])


def test_an_archive_in_an_archive_is_refused_by_its_name(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("a.txt", "x")
    assert "archive in an archive" in refusal(archive(tmp_path, {"inner.zip": inner.getvalue()}))


def test_member_with_an_extreme_compression_ratio_is_refused(tmp_path: Path) -> None:
    assert "would unpack to 30 MB" in refusal(archive(tmp_path, {"bomb.txt": b"0" * 30_000_000}))


@pytest.mark.parametrize("member", ["../../etc/report.txt", "/etc/report.txt", "C:\\report.txt"])
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, member: str) -> None:
    assert "leads out" in refusal(archive(tmp_path, {member: b"Text."}))


def test_an_archive_without_documents_says_so(tmp_path: Path) -> None:
    assert "has no document" in refusal(archive(tmp_path, {"photo.png": b"x"}))


def test_a_damaged_archive_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04 and nothing more")
    assert "damaged" in refusal(tmp_path / "all.zip")


def test_encrypted_member_is_refused_and_the_others_are_ingested(tmp_path: Path) -> None:
    path = archive(tmp_path, {"open.txt": b"Text.", "secret.txt": b"Text."})
    data = bytearray(path.read_bytes())
    # What says so is one bit, in the member's own header and in the directory.
    data[data.rindex(b"PK\x03\x04") + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)

    opened, secret = find_files([path])

    assert read_document(opened, read_bytes(opened))[1][0].text == "Text."
    with pytest.raises(NotReadable, match="protected by a password: save it without one"):
        read_bytes(secret)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(edits=EDITS)
def test_a_damaged_archive_is_read_or_refused(edits: list[tuple[float, str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = archive(Path(folder), {"a.txt": b"Text. " * 50, "b/c.md": b"# Title", "a.txt.meta.toml": b""})
        path.write_bytes(mutated(path.read_bytes(), edits))
        for file in find_files([path]):
            # Anything but a refusal fails the test.
            with suppress(NotReadable):
                read_document(file, read_bytes(file))


def test_too_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(500_000_000)  # takes no room on the disk
    assert refusal(path) == "it has 500 MB; the most is 200 MB"


def test_false_sizes_in_headers_allocate_no_memory(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(
        raw_archive(
            [
                Member("behind.txt", zeros(300), says=1_000),
                Member("local.txt", zeros(300), says=1_000, says_locally=300_000_000),
                Member("honest.txt", zeros(300), says=300_000_000),
                Member("packed.txt", zeros(30), says=30_000_000),
            ]
        )
    )
    files = find_files([tmp_path / "all.zip"])
    tracemalloc.start()
    reasons = {}
    for file in files:
        with pytest.raises(NotReadable) as refused:
            read_bytes(file)
        reasons[file.member] = str(refused.value)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 5_000_000
    assert "damaged" in reasons["behind.txt"]
    assert "damaged" in reasons["local.txt"]
    assert "would unpack to 300 MB" in reasons["honest.txt"]
    assert "would unpack to 30 MB" in reasons["packed.txt"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_methods_are_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w", method) as file:
        file.writestr("a.txt", "Text.")
    assert "packed in an unusual way" in refusal(tmp_path / "all.zip")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    packed = zeros(1)
    members = [Member(f"{n}.txt", packed, says=1_000_000, says_packed=len(packed) * 10) for n in range(20)]
    (tmp_path / "all.zip").write_bytes(raw_archive(members))
    assert "its members overlap" in refusal(tmp_path / "all.zip")


def test_all_members_together_have_a_limit(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.txt": b"x" * 600, "b.txt": b"x" * 600})
    opened = ZipArchive(path, ArchiveLimits(members=2, unpacked=1_000))
    assert opened.read("a.txt", 600) == b"x" * 600
    with pytest.raises(NotReadable, match="more than 0 MB in all"):
        opened.read("b.txt", 600)


def test_an_archive_of_many_members_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(raw_archive([Member(f"{n}.txt", b"x", 1, zipfile.ZIP_STORED) for n in range(6_000)]))
    assert refusal(path) == "the archive has 6,000 members; the most is 5,000"


def test_archive_directory_of_a_million_members_is_not_parsed(tmp_path: Path) -> None:
    data = archive(tmp_path, {"a.txt": b"Text."}).read_bytes()
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    directory = data[start:end] * 100_000
    tail = data[end : end + 12] + len(directory).to_bytes(4, "little") + data[end + 16 :]
    (tmp_path / "all.zip").write_bytes(data[:start] + directory + tail)
    assert refusal(tmp_path / "all.zip") == "the directory of the archive is larger than 4 MB"


def test_archive_directory_is_parsed_once(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.txt": b"Text.", "b.txt": b"Text."})
    files = find_files([path])
    path.write_bytes(path.read_bytes().replace(b"PK\x05\x06", b"gone"))
    assert [read_bytes(file) for file in files] == [b"Text.", b"Text."]


def test_an_archive_within_a_member_of_another_name_is_not_unpacked(tmp_path: Path) -> None:
    inner = archive(tmp_path, {"a.txt": b"Text."}, "inner.zip").read_bytes()
    path = archive(tmp_path, {"inner.docx": inner, "inner.txt": inner})
    for file in find_files([path]):
        with pytest.raises(NotReadable, match="it is a zip archive"):
            read_document(file, read_bytes(file))
