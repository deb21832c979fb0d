"""The folder of the documents that came by Slack: a file's name is its document's, the newest version counts.

    library/report.docx                     what is taken in for everybody
    library/.channels/<team>-<channel>/     the same for those in one channel
    library/.incoming/<gift>/<file>/new     on its way in: kept until it is settled, so that a restart goes on
                                   /former  what stood in its place before
                                   /placed  the name under which it has been put there, with its folder
    library/.incoming/lock                  held from a file's being put in its place until it is taken in
    library/.former/, library/.refused/     what was replaced, and what could not be read: nothing is thrown away

Folders that begin with a full stop are not looked into by an ingest. A file's time of change is when it was given to
the bot, so that one which was given earlier and arrives later replaces nothing.
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

# Bytes: file systems take 255; room is left for what is put before a name when it is set aside.
_LONGEST = 180
_LONGEST_ENDING = 20
# What Windows refuses in a name, and what separates folders anywhere.
_SIGNS = re.compile(r'[<>:"/\\|?*]')


def safe_name(name: str, otherwise: str) -> str:
    """Return `name` as a file's name: no folder, nothing invisible or hidden, not too long.

    The same name gives the same result, and usual names stay as they are; `otherwise` stands in for an empty one.
    """
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(" " if c.isspace() else c for c in composed if c.isspace() or c.isprintable())
    plain = " ".join(_SIGNS.sub("_", visible).split()).lstrip(".~$ ").rstrip(". ")
    if not plain:
        return otherwise
    ending = PurePosixPath(plain).suffix
    if len(ending.encode()) > _LONGEST_ENDING:
        ending = ""
    stem = plain[: len(plain) - len(ending)].encode()[: _LONGEST - len(ending.encode())]
    return stem.decode(errors="ignore").rstrip(". ") + ending


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file on its way in: its own folder, where on the shelf it will be, and when it was given.

    `where` is a path below the shelf's folder: "report.docx". `given` is in nanoseconds since 1970.
    """

    folder: Path
    where: PurePosixPath
    given: int

    @property
    def name(self) -> str:
        """The name under which it will be there."""
        return self.where.name

    @property
    def new(self) -> Path:
        """The file itself, once it has arrived whole."""
        return self.folder / "new"

    @property
    def former(self) -> Path:
        """A copy of what stood in its place before."""
        return self.folder / "former"

    @property
    def placed(self) -> Path:
        """Holds the name once the place was looked at; what stood there is then in `former`."""
        return self.folder / "placed"


class Overtaken(Exception):
    """A file of this name that was given later is in the place already."""


class Shelf:
    """Puts parcels into `folder`, and takes them back. All methods block, and raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def lock(self) -> Path:
        """The file whose lock is the right to put parcels in their places; its folder is there with the first one."""
        return self._folder / ".incoming" / "lock"

    def parcel(
        self, gift: str, file_id: str, name: str, given_ts: str, audience: Audience = EVERYBODY
    ) -> Parcel:
        """Return the parcel of a file for an audience, with its folder; the same for the same gift and file.

        `given_ts` is Slack's time: seconds since 1970, as a decimal number.
        """
        inner = hashlib.sha256(file_id.encode()).hexdigest()[:16]
        folder = self._incoming(gift) / inner
        folder.mkdir(parents=True, exist_ok=True)
        where = _shelf_of(audience) / safe_name(name, file_id)
        parcel = Parcel(folder, where, int(Decimal(given_ts) * 10**9))
        # Slack may call it otherwise since: what was put somewhere is taken back from there.
        if parcel.placed.exists():
            return replace(parcel, where=PurePosixPath(parcel.placed.read_text()))
        return parcel

    def place(self, parcel: Parcel) -> Path:
        """Put the file in its place, and return that; what stood there is kept in the parcel. May be repeated.

        Raises Overtaken.
        """
        place = self._folder / parcel.where
        place.parent.mkdir(parents=True, exist_ok=True)
        if _is_later(place, parcel):
            raise Overtaken(parcel.name)
        if not parcel.placed.exists():
            if place.is_file():
                _copy(place, parcel.former, place.stat().st_mtime_ns)
            partial = parcel.placed.with_name("placed.part")
            partial.write_text(str(parcel.where))
            put_in_place(partial, parcel.placed)
        _copy(parcel.new, place, parcel.given)
        return place

    def settle(self, parcel: Parcel) -> None:
        """Let the file stay; a former one that differs is set aside."""
        if parcel.former.exists() and not filecmp.cmp(parcel.former, parcel.new, shallow=False):
            self._set_aside(parcel.former, ".former", parcel.name)
        shutil.rmtree(parcel.folder, ignore_errors=True)

    def take_back(self, parcel: Parcel) -> list[Path]:
        """Put the former file back in its place, if the new one was put there, and set that aside as refused.

        Returns the place, if a former file is back in it.
        """
        place, back = self._folder / parcel.where, []
        if not _is_later(place, parcel):
            if parcel.former.exists():
                os.replace(parcel.former, place)
                back = [place]
            elif parcel.placed.exists():
                place.unlink(missing_ok=True)
        if parcel.new.exists():
            self._set_aside(parcel.new, ".refused", parcel.name)
        shutil.rmtree(parcel.folder, ignore_errors=True)
        return back

    def pass_over(self, parcel: Parcel) -> None:
        """Set aside a file that was overtaken, as one that was replaced."""
        for file in (parcel.former, parcel.new):
            if file.exists():
                self._set_aside(file, ".former", parcel.name)
        shutil.rmtree(parcel.folder, ignore_errors=True)

    def clear(self, gift: str) -> None:
        """Remove what is left of a gift that is settled: folders without a whole file."""
        shutil.rmtree(self._incoming(gift), ignore_errors=True)

    def _incoming(self, gift: str) -> Path:
        return self._folder / ".incoming" / hashlib.sha256(gift.encode()).hexdigest()[:16]

    def _set_aside(self, file: Path, where: str, name: str) -> None:
        folder = self._folder / where
        folder.mkdir(exist_ok=True)
        # To the nanosecond: two versions may be replaced within a second.
        os.replace(file, folder / f"{time.time_ns()}-{name}")


def _shelf_of(audience: Audience) -> PurePosixPath:
    # An ingest of the whole folder, which is for everybody, does not look into this one.
    return (
        PurePosixPath() if audience == EVERYBODY else PurePosixPath(".channels", audience.replace("/", "-"))
    )


def put_in_place(partial: Path, target: Path) -> None:
    """Rename a file that is whole, so that after a power failure `target` is the old one or this one."""
    sync(partial)
    os.replace(partial, target)
    sync(target.parent)


def _copy(source: Path, target: Path, changed: int) -> None:
    """Copy a file so that `target` is at any moment the old one or the new one, whole; it gets a time of change."""
    partial = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, partial)
    os.utime(partial, ns=(changed, changed))
    put_in_place(partial, target)


def _is_later(place: Path, parcel: Parcel) -> bool:
    """Whether what is in the place was given after the parcel."""
    try:
        return place.lstat().st_mtime_ns > parcel.given
    except FileNotFoundError:
        return False
