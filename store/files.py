"""Stored files, each once under the SHA-256 of its content: in a folder, or on a server that fsspec can reach.

    <URL>/sha256/<digest>   whole files
    <URL>/partial/<name>    files that are being written

A file gets its final name only when it is complete. Which file a document comes from is in the catalog.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, cast

from store.errors import FileGone, StoreError, StoreUnavailable
from store.filesystem import NoDriver, open_url, sync, why

_LOG = logging.getLogger(__name__)

# For how long a file is kept after it was stored last, even if no document comes from it.
_UNUSED_KEPT_FOR = timedelta(days=30)
# For how long an unfinished file is kept: nobody writes a file for so long.
_PARTIAL_KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that somebody sent, as it is stored: its name, its digest, and when it was sent (seconds since 1970)."""

    name: str
    sha256: str
    sent_at: float


class FileStorage:
    """The stored files of an installation. All methods block, and raise StoreError.

    `url` is a folder or any URL of fsspec. Two installations must not share one: each deletes files that its own
    catalog does not name.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def put(self, file: Path) -> str:
        """Store a local file and return its digest. A file that was stored before counts as stored now."""
        digest = _digest(file)
        with self._errors("written"):
            partial, target = self._path("partial", secrets.token_hex(16)), self._path("sha256", digest)
            for path in (partial, target):
                self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            try:
                self._system.put_file(str(file), partial)
                # After a power failure, a disk could have the final name without the content.
                if self._is_local:
                    sync(Path(partial))
                self._system.mv(partial, target)
            except BaseException:
                # On a full disk it would take up room for a day.
                with suppress(Exception):
                    self._system.rm_file(partial)
                raise
            if self._is_local:
                sync(Path(target).parent)
        return digest

    def has(self, digest: str) -> bool:
        """Whether a file of this digest is stored."""
        with self._errors("read"):
            return bool(self._system.exists(self._path("sha256", digest)))

    def get(self, digest: str, target: Path) -> None:
        """Copy a stored file to a local path. Raises FileGone if it is missing or damaged."""
        with self._errors("read"):
            self._system.get_file(self._path("sha256", digest), str(target))
        if _digest(target) != digest:
            raise _damaged(digest)

    def open(self, digest: str) -> BinaryIO:
        """Return a stored file, open for reading, after a check of its content. Raises FileGone as `get` does."""
        with self._errors("read"):
            content = self._system.open(self._path("sha256", digest), "rb")
            if hashlib.file_digest(content, "sha256").hexdigest() != digest:
                content.close()
                raise _damaged(digest)
            content.seek(0)
        return cast(BinaryIO, content)

    def digests(self) -> set[str]:
        """Return the digests of all stored files."""
        with self._errors("read"):
            return {path.rpartition("/")[2] for path in self._find("sha256")}

    def delete_unused(self, used: Collection[str], now: datetime | None = None) -> None:
        """Delete the files that are not `used` and were stored last more than 30 days before `now`."""
        now = now or datetime.now(UTC)
        if "://" not in self._url and not Path(self._url).exists():
            return  # Nothing was ever stored; to import fsspec takes a tenth of a second.
        with self._errors("cleaned"):
            unused = [self._path("sha256", digest) for digest in self.digests() - set(used)]
            for path, kept_for in (
                *((path, _UNUSED_KEPT_FOR) for path in unused),
                *((path, _PARTIAL_KEPT_FOR) for path in self._find("partial")),
            ):
                # Another process may have moved or deleted it meanwhile.
                with suppress(FileNotFoundError):
                    if self._system.modified(path) < now - kept_for:
                        _LOG.info(
                            "the file %s is deleted: no document comes from it", path.rpartition("/")[2]
                        )
                        self._system.rm_file(path)

    def _find(self, folder: str) -> list[str]:
        # The folder or bucket does not exist before its first file.
        with suppress(FileNotFoundError):
            return list(self._system.find(self._path(folder)))
        return []

    def _path(self, *names: str) -> str:
        return "/".join((self._root, *names))

    @property
    def _root(self) -> str:
        return self._opened[1].rstrip("/")

    @property
    def _system(self) -> Any:
        return self._opened[0]

    @property
    def _is_local(self) -> bool:
        return "file" in self._system.protocol

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """The file system, and the path of its folder. Raises StoreError."""
        try:
            return open_url(self._url)
        except NoDriver as error:
            raise StoreError(f"ITUBOT_STORAGE_URL cannot be used: {error}") from error

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """Turn errors of a file system into StoreError: each library has its own."""
        try:
            yield
        except StoreError:
            raise
        except FileNotFoundError as error:
            raise FileGone("a stored file is gone from the file storage; send it again") from error
        except Exception as error:
            # Some file systems connect only when they are opened.
            self.__dict__.pop("_opened", None)
            raise StoreUnavailable(
                f"the file storage cannot be {what} ({why(error)}); check ITUBOT_STORAGE_URL and its server or disk"
            ) from error


@contextmanager
def local_copies(storage: FileStorage, files: Sequence[StoredFile]) -> Iterator[Mapping[Path, StoredFile]]:
    """Copy files, whose names differ, into a folder that exists while the context is open. Raises StoreError."""
    with TemporaryDirectory(prefix="itubot-") as folder:
        copies = {Path(folder).resolve() / file.name: file for file in files}
        for path, file in copies.items():
            storage.get(file.sha256, path)
        yield copies


def _damaged(digest: str) -> FileGone:
    return FileGone(f"the stored file {digest} is damaged; send it again")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
