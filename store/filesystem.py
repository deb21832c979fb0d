"""Files on any system that fsspec reaches, and writes that outlive a power failure."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

# Protocol -> the extra of this project with its driver.
_EXTRAS = {"s3": "s3", "s3a": "s3", "smb": "smb", "webdav": "webdav", "webdavs": "webdav"}
# WebDAV over TLS, and without.
_WEBDAV = {"webdavs": "https", "webdav": "http"}


class NoDriver(Exception):
    """No package here reads addresses of this kind; `str()` is a clause with the way out."""


def open_url(url: str, **options: Any) -> tuple[Any, str]:
    """Return the file system of a URL of fsspec, and the path in it; `options` are those of its driver.

    Raises NoDriver, and what the driver raises: some connect at once.
    """
    check_driver(url)
    if protocol_of(url) in _WEBDAV:
        return _open_webdav(url, **options)
    from fsspec.core import url_to_fs

    # Listings of other processes' files change at any time.
    system, path = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True, **options)
    return system, str(path)


def check_driver(url: str) -> None:
    """Raise NoDriver if no package here opens a URL of fsspec."""
    # Imported late: it takes a tenth of a second.
    from fsspec import available_protocols, get_filesystem_class

    protocol = protocol_of(url)
    driver = "webdav" if protocol in _WEBDAV else protocol
    if driver not in available_protocols():
        raise NoDriver(f"nothing here reads addresses that begin with {protocol}:")
    try:
        get_filesystem_class(driver)
    except ImportError as error:
        if extra := _EXTRAS.get(protocol):
            raise NoDriver(f"it needs the extra `{extra}`; run: pip install 'itubot[{extra}]'") from error
        # Such as "Install gcsfs to access Google Storage".
        raise NoDriver(f"it needs a Python package; {error}") from error


def protocol_of(url: str) -> str:
    """Return the protocol of a URL: "s3"; that of a path is "file"."""
    return url.partition("://")[0].partition("::")[0].casefold() if "://" in url else "file"


def why(error: BaseException) -> str:
    """Return in a few words why a file system failed: each library has errors of its own.

    What they say themselves may have a password.
    """
    if isinstance(error, PermissionError):
        return "permission denied"
    if status := getattr(error, "status_code", None):
        return f"HTTP {status}"
    cause: BaseException | None = error
    while cause is not None:
        if words := getattr(cause, "strerror", None):
            return str(words)
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


def _open_webdav(url: str, **options: Any) -> tuple[Any, str]:
    from webdav4.client import Client
    from webdav4.fsspec import WebdavFileSystem

    class QuotingClient(Client):  # type: ignore[misc]
        """Sends names such as "Item #5", whose sign httpx would take for one of the address."""

        def join_url(self, path: str, add_trailing_slash: bool = False) -> Any:
            return super().join_url(quote(path), add_trailing_slash)

    parts = urlsplit(url)
    if parts.username:
        # In an address they would be logged, and sent as that of a file's new place.
        options["auth"] = unquote(parts.username), unquote(parts.password or "")
    client = QuotingClient(f"{_WEBDAV[parts.scheme]}://{parts.netloc.rpartition('@')[2]}", **options)
    # Its own names have no slash in front.
    return WebdavFileSystem("", client=client, skip_instance_cache=True), unquote(parts.path).strip("/")


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk. Raises OSError."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders, and makes their names durable itself.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
