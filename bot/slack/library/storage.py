"""The library's folder: staged files, the files that are ingested, and what they replaced.

    library/report.docx                     ingested for everybody
    library/.channels/<team>-<channel>/     ingested for one channel
    library/.incoming/<upload>/<file>/new   staged: kept until the upload is finished, so that a restart goes on
                                   /former  the file that it replaced
                                   /placed  its path below library/, once it is there
    library/.incoming/lock                  held while files are put in place and ingested
    library/.former/, library/.refused/     what was replaced, and what could not be read: nothing is deleted

An ingest ignores folders that begin with a full stop. A file's modification time is the time of its upload, so that
an older upload that arrives later replaces nothing.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import re
import shutil
import time
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path, PurePosixPath

from store.audiences import Audience
from store.filesystem import sync
from store.records import EVERYBODY

# Bytes: file systems take 255; set-aside names get a prefix.
_LONGEST = 180
_LONGEST_SUFFIX = 20
# What Windows refuses in a name, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')


def safe_name(name: str, otherwise: str) -> str:
    """Return `name` as a file name: no folder, nothing invisible or hidden, not too long; `otherwise` if empty."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(" " if c.isspace() else c for c in composed if c.isspace() or c.isprintable())
    plain = " ".join(_FORBIDDEN.sub("_", visible).split()).lstrip(".~$ ").rstrip(". ")
    if not plain:
        return otherwise
    suffix = PurePosixPath(plain).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        suffix = ""
    stem = plain[: len(plain) - len(suffix)].encode()[: _LONGEST - len(suffix.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + suffix


@dataclass(frozen=True, slots=True)
class StagedFile:
    """An uploaded file in a folder of its own, with its path below the library's folder.

    `uploaded` is in nanoseconds since 1970.
    """

    folder: Path
    target: PurePosixPath
    uploaded: int

    @property
    def name(self) -> str:
        """Its name in the library."""
        return self.target.name

    @property
    def new(self) -> Path:
        """The file itself, once it has arrived whole."""
        return self.folder / "new"

    @property
    def former(self) -> Path:
        """A copy of the file that it replaced."""
        return self.folder / "former"

    @property
    def placed(self) -> Path:
        """Holds `target` once the file there is saved as `former`."""
        return self.folder / "placed"


class Superseded(Exception):
    """A later upload of this name is in the library already."""


class LibraryStorage:
    """Puts staged files into `folder`, and takes them back. All methods block, and raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def lock(self) -> Path:
        """The file to lock while staged files are put in place; its folder exists once a file is staged."""
        return self._folder / ".incoming" / "lock"

    def stage(
        self, upload: str, file_id: str, name: str, uploaded_ts: str, audience: Audience = EVERYBODY
    ) -> StagedFile:
        """Return the staged file of an upload's key and a file's id, and make its folder.

        `uploaded_ts` is Slack's time: seconds since 1970, as a decimal number.
        """
        folder = self._upload_folder(upload) / _folder_name(file_id)
        folder.mkdir(parents=True, exist_ok=True)
        # An ingest for everybody does not look into folders that begin with a full stop.
        parent = "" if audience == EVERYBODY else f".channels/{audience.replace('/', '-')}"
        target = PurePosixPath(parent, safe_name(name, file_id))
        staged = StagedFile(folder, target, int(Decimal(uploaded_ts) * 10**9))
        # Slack's name for it may have changed since it was placed.
        if staged.placed.exists():
            return replace(staged, target=PurePosixPath(staged.placed.read_text()))
        return staged

    def place(self, staged: StagedFile) -> Path:
        """Copy the file to its target, save what it replaces, and return the target; may be repeated.

        Where a later upload is in place, sets the file aside as replaced, and raises Superseded.
        """
        target = self._folder / staged.target
        target.parent.mkdir(parents=True, exist_ok=True)
        if _is_later(target, staged):
            for file in (staged.former, staged.new):
                if file.exists():
                    self._set_aside(file, ".former", staged.name)
            shutil.rmtree(staged.folder, ignore_errors=True)
            raise Superseded(staged.name)
        if not staged.placed.exists():
            if target.is_file():
                _copy(target, staged.former, target.stat().st_mtime_ns)
            partial = staged.placed.with_name("placed.part")
            partial.write_text(str(staged.target))
            put_in_place(partial, staged.placed)
        _copy(staged.new, target, staged.uploaded)
        return target

    def settle(self, staged: StagedFile) -> None:
        """Keep the file in place; set a former one aside that differs."""
        if staged.former.exists() and not filecmp.cmp(staged.former, staged.new, shallow=False):
            self._set_aside(staged.former, ".former", staged.name)
        shutil.rmtree(staged.folder, ignore_errors=True)

    def take_back(self, staged: StagedFile) -> list[Path]:
        """Restore the former file if the new one was placed, and set the new one aside as refused.

        Returns the path of a restored file.
        """
        target, restored = self._folder / staged.target, []
        if not _is_later(target, staged):
            if staged.former.exists():
                os.replace(staged.former, target)
                restored = [target]
            elif staged.placed.exists():
                target.unlink(missing_ok=True)
        if staged.new.exists():
            self._set_aside(staged.new, ".refused", staged.name)
        shutil.rmtree(staged.folder, ignore_errors=True)
        return restored

    def clear(self, upload: str) -> None:
        """Remove the folder of a finished upload."""
        shutil.rmtree(self._upload_folder(upload), ignore_errors=True)

    def _upload_folder(self, upload: str) -> Path:
        return self._folder / ".incoming" / _folder_name(upload)

    def _set_aside(self, file: Path, where: str, name: str) -> None:
        folder = self._folder / where
        folder.mkdir(exist_ok=True)
        # To the nanosecond: two versions may be replaced within a second.
        os.replace(file, folder / f"{time.time_ns()}-{name}")


def put_in_place(partial: Path, target: Path) -> None:
    """Rename a complete file so that after a power failure `target` is the old file or the new one."""
    sync(partial)
    os.replace(partial, target)
    sync(target.parent)


def _copy(source: Path, target: Path, modified: int) -> None:
    """Copy a file with a modification time so that `target` is always the old file or the new one."""
    partial = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, partial)
    os.utime(partial, ns=(modified, modified))
    put_in_place(partial, target)


def _is_later(target: Path, staged: StagedFile) -> bool:
    """Return True where the target's file was uploaded after the staged one."""
    try:
        return target.lstat().st_mtime_ns > staged.uploaded
    except FileNotFoundError:
        return False


def _folder_name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
