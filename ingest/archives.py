"""Zip archives of documents: the names of the members, and their content, within limits.

Nothing is unpacked to disk, so that no member's name can lead out of the archive.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from ingest.errors import NotReadable
from ingest.readers.zip_archive import ArchiveLimits, ZipArchive

_LIMITS = ArchiveLimits(members=5_000, unpacked=2_000_000_000)
_LARGEST_MEMBER_BYTES = 200_000_000
# Highest compression ratio: text has 10, seldom 50, archive bombs 1,000.
_MAX_RATIO = 200
# A member up to this size may have any ratio.
_UNLIMITED_RATIO_BYTES = 1_000_000


def is_archive(path: Path) -> bool:
    """Return whether the file's name ends in ".zip". Word files are zip archives too, with other endings."""
    return path.suffix.casefold() == ".zip"


def open_archive(path: Path) -> ZipArchive:
    """Open an archive. Raises NotReadable if the file is not an archive, or exceeds the limits."""
    return ZipArchive(path, _LIMITS)


def members(archive: ZipArchive, endings: Collection[str]) -> list[str]:
    """Return the names of the members with one of these suffixes, and of inner archives, which `read_member` refuses.

    Raises NotReadable if there are no such members.
    """
    found = [name for name in archive.members if _is_wanted(name, endings)]
    if not found:
        raise NotReadable(f"the archive has no document; it takes {', '.join(sorted(endings))}")
    return found


def read_member(archive: ZipArchive, member: str) -> bytes:
    """Return the content of one member. Raises NotReadable."""
    pure = PurePosixPath(member.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
        raise NotReadable("its name leads out of the archive")
    if pure.suffix.casefold() == ".zip":
        raise NotReadable("it is an archive in an archive: unpack the outer one first")
    packed = archive.members[member].compress_size
    return archive.read(member, min(_LARGEST_MEMBER_BYTES, max(_UNLIMITED_RATIO_BYTES, _MAX_RATIO * packed)))


def _is_wanted(name: str, endings: Collection[str]) -> bool:
    pure = PurePosixPath(name)
    # Metadata of macOS, and Word's lock files.
    hidden = any(
        part.startswith(("__MACOSX", "~$")) or (part[:1] == "." and part != "..") for part in pure.parts
    )
    return not hidden and not name.endswith("/") and pure.suffix.casefold() in {*endings, ".zip"}
