"""Files in a folder, on this machine or on any server that fsspec reaches: S3, WebDAV, SMB, SharePoint, ..."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ingest.sources.errors import GoneAtSource, SourceError
from ingest.sources.listing import is_document_name, matches
from ingest.sources.web import Content, Copy
from store.jobs import Seen

_CHUNK_BYTES = 1 << 18
# What stores of objects say of a content, by their names for it.
_MARKS = ("ETag", "etag", "content_md5", "contentMd5", "md5Hash", "checksum")


def folder_url(address: str) -> str:
    """Return the address of a folder, which may be a path on this machine. Raises SourceError."""
    if "://" not in address:
        path = Path(address).expanduser().resolve()
        if not path.is_dir():
            raise SourceError(f"there is no folder {address!r}")
        return f"file://{path.as_posix()}"  # fsspec decodes no percent signs
    # Imported late: it takes a tenth of a second.
    from fsspec import available_protocols

    protocol = urlsplit(address).scheme.partition("::")[0]
    if protocol not in available_protocols():
        raise SourceError(f"nothing here reads addresses that begin with {protocol}:")
    if "@" in urlsplit(address).netloc:
        raise SourceError("it holds a user or a password; the driver's own settings are the place for them")
    return address


class Folder:
    """A folder whose files are documents. `clock` returns the time in seconds since 1970."""

    def __init__(self, url: str, max_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._max_bytes = max_bytes
        self._clock = clock
        self._marks: dict[str, str] = {}

    def files(self, pattern: str) -> list[str]:
        """Return the paths of the documents below the folder, with forward slashes. Raises SourceError."""
        with self._errors():
            if not self._system.isdir(self._root):
                raise SourceError("there is no such folder, or it cannot be reached now")
            found = self._system.find(self._root, detail=True)
        names = []
        for path, info in sorted(found.items()):
            name = str(path)[len(self._root) :].lstrip("/")
            parts = PurePosixPath(name).parts
            hidden = any(part.startswith((".", "~$")) for part in parts)
            # A link may lead out of the folder.
            if hidden or info.get("islink") or not is_document_name(name) or not matches(name, pattern):
                continue
            self._marks[name] = next((str(info[mark]) for mark in _MARKS if info.get(mark)), "")
            names.append(name)
        return names

    def fetch(self, name: str, target: Path, known: Seen) -> Content | None:
        """Copy a file to `target`; return None if its store says that the `known` content is the present one.

        Raises SourceError, and OSError if the file cannot be written.
        """
        mark = self._marks.get(name, "")
        if mark and mark == known.etag and known.sha256:
            return None
        with (
            self._errors(),
            self._system.open(f"{self._root}/{name}", "rb") as content,
            target.open("wb") as sink,
        ):
            copy = Copy(sink, self._max_bytes)
            while chunk := content.read(_CHUNK_BYTES):
                copy.add(chunk)
        seen = Seen(mark, "", copy.finished(), self._clock())
        return Content(target, name, PurePosixPath(name).name, "", seen)

    @property
    def _system(self) -> Any:
        return self._opened[0]

    @property
    def _root(self) -> str:
        return self._opened[1].rstrip("/")

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        # Imported late: it takes a tenth of a second.
        from fsspec.core import url_to_fs

        try:
            system, root = url_to_fs(self._url, use_listings_cache=False, skip_instance_cache=True)
        except ImportError as error:
            # Such as "Install s3fs to access S3".
            raise SourceError(f"it needs a Python package; {error}") from error
        except ValueError:
            raise SourceError(f"there is no driver for {self._url.partition(':')[0]}:") from None
        return system, root

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of a file system into SourceError: each library has its own."""
        try:
            yield
        except SourceError:
            raise
        except FileNotFoundError as error:
            raise GoneAtSource("the folder does not have it") from error
        except Exception as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise SourceError(f"the folder cannot be read ({why})") from error
