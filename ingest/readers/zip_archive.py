"""Opens zip archives from others: the directory is parsed once, and members are unpacked within limits.

The sizes in the headers may be false, so members are unpacked until their limit is reached. This is done by the program
itself and not by the process that reads files.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.errors import NotReadable

LARGEST_FILE_BYTES = 200_000_000
"""The largest file that is read, packed or not: the largest scanned reports have some 100 MB."""

_MOST_MEMBERS = 5_000
_MOST_UNPACKED_BYTES = 2_000_000_000
# zipfile reads the whole directory at once. This is enough for 20,000 members with names of 150 characters.
_LARGEST_DIRECTORY = 4_000_000
# Highest compression ratio of a member: text has 10, seldom 50, archive bombs 1,000.
_LARGEST_RATIO = 200
# A member up to this size may have any ratio.
_UNLIMITED_RATIO_BYTES = 1_000_000
_PIECE_BYTES = 65_536
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError, NotImplementedError, struct.error,
)  # fmt: skip


class ZipArchive:
    """An archive in a file, which is opened for each read.

    Raises NotReadable if it is not an archive, or exceeds the limits.
    """

    def __init__(self, path: Path) -> None:
        self._unpacked_left = _MOST_UNPACKED_BYTES
        try:
            self._zip = zipfile.ZipFile(_ReopenedFile(path))
            size = path.stat().st_size
        except FileNotFoundError:
            raise NotReadable("the file is not there") from None
        except PermissionError as error:
            raise NotReadable(f"the file cannot be read ({error.strerror})") from None
        except _DAMAGED as error:
            raise NotReadable(f"the archive is damaged ({error})") from None
        infos = self._zip.infolist()
        if len(infos) > _MOST_MEMBERS:
            raise NotReadable(f"the archive has {len(infos):,} members; the most is {_MOST_MEMBERS:,}")
        if sum(info.compress_size for info in infos) > size:
            raise NotReadable("the archive is damaged (its members overlap)")

    @property
    def members(self) -> Mapping[str, zipfile.ZipInfo]:
        """The directory entry of each member, by its name."""
        return self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """Return a member's content. Raises NotReadable if it is too large or damaged."""
        info = self.members[name]
        if info.flag_bits & 1:
            raise NotReadable("it is protected by a password: save it without one")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotReadable(f"the archive is packed in an unusual way ({name}): pack it again")

        most = max(_UNLIMITED_RATIO_BYTES, _LARGEST_RATIO * info.compress_size)
        most = min(LARGEST_FILE_BYTES, most, self._unpacked_left)
        size, unpacked = info.file_size, io.BytesIO()
        if size <= most:
            try:
                with self._zip.open(info) as member:
                    while unpacked.tell() <= most and (piece := member.read(_PIECE_BYTES)):
                        unpacked.write(piece)
            except _DAMAGED as error:
                raise NotReadable(f"the archive is damaged ({name}: {error})") from None
            size = unpacked.tell()
            self._unpacked_left -= size
        if size > most:
            raise NotReadable(
                f"it would unpack to {size / 1_000_000:.0f} MB from {info.compress_size:,} bytes; it is not opened"
            )
        return unpacked.getvalue()


class _ReopenedFile(io.RawIOBase):
    """A file that is opened for each read, because a folder may have more archives than files can be open at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = (0, self._place, self._path.stat().st_size)[whence]
        self._place = max(0, start + offset)
        return self._place

    def read(self, count: int = -1) -> Any:
        with self._path.open("rb") as file:
            file.seek(self._place)
            data = file.read(_LARGEST_DIRECTORY + 1 if count < 0 else min(count, _LARGEST_DIRECTORY + 1))
        if len(data) > _LARGEST_DIRECTORY:
            raise zipfile.BadZipFile(f"its directory is larger than {_LARGEST_DIRECTORY // 1_000_000} MB")
        self._place += len(data)
        return data
