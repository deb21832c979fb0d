"""Zip archives of documents: which members there are, and one member's content, within limits.

Nothing is unpacked to disk, so that a member's name leads nowhere but into the archive.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from ingest.errors import NotReadable
from ingest.readers.zip_archive import Limits, ZipArchive

_LIMITS = Limits(members=5_000, unpacked=2_000_000_000)
_LARGEST_MEMBER = 200_000_000
# Text shrinks to a tenth, seldom to a fiftieth; bombs to a thousandth.
_RATIO = 200
_SMALL = 1_000_000


def is_archive(path: Path) -> bool:
    """Whether the file is an archive of documents by its name; Word files are zip files too, of another name."""
    return path.suffix.casefold() == ".zip"


def open_archive(path: Path) -> ZipArchive:
    """Open an archive, for all of its members. Raises NotReadable for what is none or is beyond measure."""
    return ZipArchive(path, _LIMITS)


def members(archive: ZipArchive, endings: Collection[str]) -> list[str]:
    """Return the members to read: those with one of these endings, and inner archives, which are refused by name.

    Raises NotReadable where there is no such member.
    """
    found = [name for name in archive.members if _is_wanted(name, endings)]
    if not found:
        raise NotReadable(f"the archive has no document; it takes {', '.join(sorted(endings))}")
    return found


def read_member(archive: ZipArchive, member: str) -> bytes:
    """Return the content of one member. Raises NotReadable, saying why."""
    pure = PurePosixPath(member.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
        raise NotReadable("its name leads out of the archive")
    if pure.suffix.casefold() == ".zip":
        raise NotReadable("it is an archive in an archive: unpack the outer one first")
    packed = archive.members[member].compress_size
    return archive.read(member, min(_LARGEST_MEMBER, max(_SMALL, _RATIO * packed)))


def holds(path: Path, member: str) -> bool:
    """Whether the archive has a member of this name."""
    return member in open_archive(path).members


def _is_wanted(name: str, endings: Collection[str]) -> bool:
    pure = PurePosixPath(name)
    # What a Macintosh adds, and what an open Word leaves behind.
    hidden = any(
        part.startswith(("__MACOSX", "~$")) or (part[:1] == "." and part != "..") for part in pure.parts
    )
    return not hidden and not name.endswith("/") and pure.suffix.casefold() in {*endings, ".zip"}
