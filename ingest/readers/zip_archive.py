"""Opens zip archives from others: the directory is parsed once, and members are unpacked within limits.

The sizes in the headers may be false, so members are unpacked in pieces, and the pieces are counted.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ingest.errors import NotReadable

# zipfile reads the whole directory at once. This is enough for 20,000 members with names of 150 characters.
_LARGEST_DIRECTORY = 4_000_000
_PIECE_BYTES = 65_536
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The most members of one archive, and the most bytes that all reads of it may unpack together."""

    members: int
    unpacked: int


class ZipArchive:
    """An archive in memory or in a file, which is opened for each read. `what` names it in messages.

    Raises NotReadable if it is not an archive, or exceeds the limits.
    """

    def __init__(self, data: bytes | Path, limits: ArchiveLimits, what: str = "archive") -> None:
        self._limits = limits
        self._unpacked_left = limits.unpacked
        self._what = what
        file = _ReopenedFile(lambda: data.open("rb") if isinstance(data, Path) else io.BytesIO(data))
        try:
            self._zip = zipfile.ZipFile(file)
            size = file.seek(0, io.SEEK_END)
        except FileNotFoundError:
            raise NotReadable("the file is not there") from None
        except PermissionError as error:
            raise NotReadable(f"the file cannot be read ({error.strerror})") from None
        except _TooLong:
            most = _LARGEST_DIRECTORY // 1_000_000
            raise NotReadable(f"the directory of the {what} is larger than {most} MB") from None
        except Exception as error:  # zipfile raises errors of any kind for a damaged archive
            raise NotReadable(f"the {what} is damaged ({error})") from None
        infos = self._zip.infolist()
        if len(infos) > limits.members:
            raise NotReadable(f"the {what} has {len(infos):,} members; the most is {limits.members:,}")
        if sum(info.compress_size for info in infos) > size:
            raise NotReadable(f"the {what} is damaged (its members overlap)")

    @property
    def members(self) -> Mapping[str, zipfile.ZipInfo]:
        """The directory entry of each member, by its name."""
        return self._zip.NameToInfo

    def read(self, name: str, most: int) -> bytes:
        """Return a member's content. Raises NotReadable if it has more than `most` bytes, or is damaged."""
        stated = self.members[name].file_size
        if stated > most:
            raise self._too_large(name, stated)
        data = self.head(name, most + 1)
        if len(data) > most:
            raise self._too_large(name, len(data))
        return data

    def head(self, name: str, count: int) -> bytes:
        """Return the first `count` bytes of a member. Raises NotReadable, also beyond the limit of all reads."""
        info = self.members[name]
        if info.flag_bits & 1:
            raise NotReadable("it is protected by a password: save it without one")
        if info.compress_type not in _METHODS:
            raise NotReadable(f"the {self._what} is packed in an unusual way ({name}): pack it again")
        unpacked, wanted = io.BytesIO(), count
        try:
            with self._zip.open(info) as member:
                while wanted and (piece := member.read(min(wanted, _PIECE_BYTES))):
                    wanted -= len(piece)
                    self._unpacked_left -= len(piece)
                    if self._unpacked_left < 0:
                        most = f"{self._limits.unpacked / 1_000_000:,.0f} MB"
                        raise NotReadable(f"the {self._what} would unpack to more than {most} in all")
                    unpacked.write(piece)
        except NotReadable:
            raise
        except Exception as error:  # as above, and what decompressors raise
            raise NotReadable(f"the {self._what} is damaged ({name}: {error})") from None
        return unpacked.getvalue()

    def _too_large(self, name: str, size: int) -> NotReadable:
        packed = self.members[name].compress_size
        size_words = f"{size / 1_000_000:.0f} MB from {packed:,} bytes"
        return NotReadable(f"its part {name} would unpack to {size_words}; it is not opened")


class _TooLong(Exception):
    """zipfile tried to read more at once than the largest allowed directory."""


class _ReopenedFile:
    """A file that is opened for each read, because a folder may have more archives than files can be open at once."""

    def __init__(self, opened: Callable[[], IO[bytes]]) -> None:
        self._opened = opened
        self._place = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._place
        with self._opened() as file:
            self._place = file.seek(offset, io.SEEK_END if whence == io.SEEK_END else io.SEEK_SET)
        return self._place

    def read(self, count: int = -1) -> bytes:
        if count > _LARGEST_DIRECTORY:
            raise _TooLong
        with self._opened() as file:
            file.seek(self._place)
            data = file.read(_LARGEST_DIRECTORY + 1 if count < 0 else count)
            self._place = file.tell()
        if len(data) > _LARGEST_DIRECTORY:
            raise _TooLong
        return data
