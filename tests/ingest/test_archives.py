"""Archives and folders of documents: each member by its name, and what is not opened."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import NotReadable
from ingest.files import content_hash, find_files, read_bytes, read_document
from tests.ingest.readers.bombs import Member, zeros
from tests.ingest.readers.bombs import archive as raw_archive


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for member, content in members.items():
            file.writestr(member, content)
    return data.getvalue()


def refusal(path: Path) -> str:
    (file,) = find_files([path])
    with pytest.raises(NotReadable) as caught:
        read_document(file, read_bytes(file))
    return str(caught.value)


def test_member_names_start_with_the_archives_name(tmp_path: Path) -> None:
    members = {"in/report.md": b"# Report\n\nText.", "note.txt": b"Text.", "photo.png": b"x", ".x.txt": b"x"}
    (tmp_path / "all.zip").write_bytes(packed(members))
    assert [s.name for s in find_files([tmp_path])] == ["all.zip/in/report.md", "all.zip/note.txt"]


def test_a_member_is_read_with_the_sidecar_beside_it_and_the_directory_once(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(packed({"a.txt": b"Text.", "a.txt.meta.toml": b'title = "From the side"'}))
    (file,) = find_files([path])
    path.write_bytes(path.read_bytes().replace(b"PK\x05\x06", b"gone"))
    document, sections = read_document(file, read_bytes(file))
    assert (document.title, [s.text for s in sections]) == ("From the side", ["Text."])
    assert content_hash(file, b"Text.") != content_hash(find_files([tmp_path])[0], b"Text. ")


def million() -> bytes:
    """An archive whose directory names one member a million times."""
    data = packed({"a.txt": b"Text."})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = data[start:end] * 100_000
    return (
        data[:start]
        + directory
        + data[end : end + 12]
        + len(directory).to_bytes(4, "little")
        + data[end + 16 :]
    )


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda: packed({"inner.zip": packed({"a.txt": b"x"})}), "archive in an archive"),
        (lambda: packed({"inner.docx": packed({"a.txt": b"x"})}), "it is a zip archive"),
        (lambda: packed({"bomb.txt": b"0" * 30_000_000}), "would unpack to 30 MB"),
        (lambda: packed({"../../etc/report.txt": b"Text."}), "leads out"),
        (lambda: packed({"/etc/report.txt": b"Text."}), "leads out"),
        (lambda: packed({"C:\\report.txt": b"Text."}), "leads out"),
        (lambda: packed({"photo.png": b"x"}), "has no document"),
        (lambda: b"PK\x03\x04 and nothing more", "damaged"),
        (lambda: packed({"a.txt": b"Text."}, zipfile.ZIP_LZMA), "packed in an unusual way"),
        (lambda: raw_archive([Member(f"{n}.txt", zeros(1), 1_000_000, says_packed=99_000) for n in range(20)]),
         "its members overlap"),
        (lambda: raw_archive([Member(f"{n}.txt", b"x", 1, zipfile.ZIP_STORED) for n in range(6_000)]),
         "6,000 members; the most is 5,000"),
        (million, "its directory is larger than 4 MB"),
    ],
)  # fmt: skip
def test_what_is_not_opened_says_why(tmp_path: Path, write: Callable[[], bytes], reason: str) -> None:
    (tmp_path / "all.zip").write_bytes(write())
    assert reason in refusal(tmp_path / "all.zip")


def test_encrypted_member_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(packed({"open.txt": b"Text.", "secret.txt": b"Text."}))
    # What says so is one bit, in the member's own header and in the directory.
    data[data.rindex(b"PK\x03\x04") + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "all.zip").write_bytes(data)
    opened, secret = find_files([tmp_path / "all.zip"])
    assert read_bytes(opened) == b"Text."
    with pytest.raises(NotReadable, match="protected by a password: save it without one"):
        read_bytes(secret)


def test_false_sizes_in_headers_allocate_no_memory(tmp_path: Path) -> None:
    members = [
        Member("behind.txt", zeros(300), says=1_000),
        Member("local.txt", zeros(300), says=1_000, says_locally=300_000_000),
        Member("honest.txt", zeros(300), says=300_000_000),
    ]
    (tmp_path / "all.zip").write_bytes(raw_archive(members))
    files = find_files([tmp_path / "all.zip"])
    tracemalloc.start()
    reasons = []
    for file in files:
        with pytest.raises(NotReadable) as refused:
            read_bytes(file)
        reasons.append(str(refused.value))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 5_000_000
    assert ["damaged" in reason for reason in reasons] == [True, False, True]
    assert any("would unpack to 300 MB" in reason for reason in reasons)
