"""Zip archives of documents: which members there are, and one member's content, within limits.

Nothing is unpacked to disk, so that a member's name leads nowhere but into the archive.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from ingest.errors import NotReadable

_MOST_MEMBERS = 20_000
_LARGEST_MEMBER = 200_000_000
# Text shrinks to a tenth, seldom to a fiftieth; bombs to a thousandth.
_RATIO = 200
_SMALL = 1_000_000


def is_archive(path: Path) -> bool:
    """Whether the file is an archive of documents by its name; Word files are zip files too, of another name."""
    return path.suffix.casefold() == ".zip"


def members(path: Path, endings: Collection[str]) -> list[str]:
    """Return the members to read: those with one of these endings, and inner archives, which are refused by name.

    Raises NotReadable for what is no archive, has no such member, or is beyond measure.
    """
    with _opened(path) as archive:
        infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise NotReadable(f"the archive has {len(infos)} members, more than {_MOST_MEMBERS}")
    names = dict.fromkeys(info.filename for info in infos if not info.is_dir())
    found = [name for name in names if _is_wanted(PurePosixPath(name), endings)]
    if not found:
        raise NotReadable(f"the archive has no document; it takes {', '.join(sorted(endings))}")
    return found


def read_member(path: Path, member: str) -> bytes:
    """Return the content of one member. Raises NotReadable, saying why."""
    pure = PurePosixPath(member.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
        raise NotReadable("its name leads out of the archive")
    if pure.suffix.casefold() == ".zip":
        raise NotReadable("it is an archive in an archive: unpack the outer one first")
    with _opened(path) as archive:
        try:
            info = archive.getinfo(member)
        except KeyError:
            raise NotReadable("the file is not there") from None
        shrunk = info.file_size / max(info.compress_size, 1)
        if info.file_size > _LARGEST_MEMBER or (info.file_size > _SMALL and shrunk > _RATIO):
            size = f"{info.file_size / 1_000_000:.0f} MB"
            raise NotReadable(f"it would unpack to {size} from {info.compress_size} bytes; it is not opened")
        try:
            return archive.read(info)
        except RuntimeError:
            raise NotReadable("it is protected by a password: save it without one") from None
        except Exception as error:  # zipfile and its decompressors raise what they meet in a damaged archive
            raise NotReadable(f"the archive is damaged here ({error})") from None


def holds(path: Path, member: str) -> bool:
    """Whether the archive has a member of this name."""
    with _opened(path) as archive:
        return member in archive.NameToInfo


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise NotReadable("the file is not there") from None
    except PermissionError as error:
        raise NotReadable(f"the file cannot be read ({error.strerror})") from None
    except Exception as error:  # as above
        raise NotReadable(f"the archive is damaged ({error})") from None


def _is_wanted(name: PurePosixPath, endings: Collection[str]) -> bool:
    # What a Macintosh adds, and what an open Word leaves behind.
    hidden = any(
        part.startswith(("__MACOSX", "~$")) or (part[:1] == "." and part != "..") for part in name.parts
    )
    return not hidden and name.suffix.casefold() in {*endings, ".zip"}
