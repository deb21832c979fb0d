"""Files in a folder, on this machine or on any server that fsspec reaches: S3, WebDAV, SMB, SharePoint, ..."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ingest.sources.errors import GoneAtSource, SourceError
from ingest.sources.listing import is_document_name, matches
from ingest.sources.web import Content, Copy, Manners
from store.filesystem import NoDriver, check_driver, open_url, protocol_of, why
from store.jobs import Seen

_CHUNK_BYTES = 1 << 18
# What stores of objects say of a content, by their names for it.
_MARKS = ("ETag", "etag", "content_md5", "contentMd5", "md5Hash", "checksum")


def folder_url(address: str, manners: Manners) -> str:
    """Return the address of a folder, which may be a path on this machine. Raises SourceError."""
    if "://" not in address:
        path = Path(address).expanduser().resolve()
        if not path.is_dir():
            raise SourceError(f"there is no folder {address!r}")
        return f"file://{path.as_posix()}"  # fsspec decodes no percent signs
    if "@" in urlsplit(address).netloc:
        raise SourceError(
            "it holds a user or a password; ITUBOT_SOURCES_CREDENTIALS or the driver's own settings are the place "
            "for them"
        )
    if protocol_of(address) == "webdav" and not manners.without_tls:
        raise SourceError("it begins with webdav and not with webdavs; only ITUBOT_SOURCES_HTTP allows that")
    try:
        check_driver(address)
    except NoDriver as error:
        raise SourceError(str(error)) from error
    return address


class Folder:
    """A folder whose files are documents. `clock` returns the time in seconds since 1970."""

    def __init__(self, url: str, manners: Manners, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._manners = manners
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
            is_file = info["type"] == "file" and not info.get("islink")
            if hidden or not is_file or not is_document_name(name) or not matches(name, pattern):
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
            copy = Copy(sink, self._manners.max_bytes)
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
        # Settings may have changed since it was added.
        return open_url(folder_url(self._url, self._manners), **self._options())

    def _options(self) -> dict[str, Any]:
        """Return what the driver is told, with the credentials of its host; other drivers have their own settings."""
        authorization = self._manners.credentials.get(urlsplit(self._url).netloc.casefold(), "")
        protocol = protocol_of(self._url)
        if protocol in ("webdav", "webdavs"):
            headers = {"User-Agent": self._manners.user_agent}
            if authorization:
                headers["Authorization"] = authorization
            return {"headers": headers, "timeout": self._manners.silence}
        if protocol == "smb":
            # Others may read, write and delete the file meanwhile.
            options: dict[str, Any] = {"share_access": "rwd", "timeout": self._manners.silence}
            kind, _, encoded = authorization.partition(" ")
            if kind == "Basic":
                options["username"], _, options["password"] = b64decode(encoded).decode().partition(":")
            return options
        return {}

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
            raise SourceError(f"the folder cannot be read ({why(error)})") from error
