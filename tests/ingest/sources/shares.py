"""Servers of files on loopback: WebDAV by wsgidav, S3 by moto, and SMB by impacket."""

from __future__ import annotations

import os
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

USER, PASSWORD = "ann", "pl4nted-by-ann"


@dataclass(frozen=True, slots=True)
class Share:
    """A folder on a server that `PASSWORD` opens. `reads`: the files that were read, where the server counts them."""

    url: str
    put: Callable[[str, str], None]
    """Writes a file, by its name and text."""
    remove: Callable[[str], None]
    reads: list[str] = field(default_factory=list)
    forget: Callable[[], None] = lambda: None
    """Closes what the client has open."""

    def credentials(self, password: str) -> dict[str, str]:
        """Return a user's credentials for this server, as the manners of a fetch have them."""
        return {urlsplit(self.url).netloc: self.encoded(password)}

    @staticmethod
    def encoded(password: str) -> str:
        """Return the header of a user with this password."""
        return f"Basic {b64encode(f'{USER}:{password}'.encode()).decode()}"


class _Folder:
    """A folder of this machine that a server shows."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def put(self, name: str, text: str) -> None:
        """Write a file."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self.root / name).unlink()


def _need(*packages: str) -> None:
    """Skip the test if a package is missing; fail it under CI."""
    for name in packages:
        if find_spec(name) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{name} is missing, and CI has to have it")
            pytest.skip(f"{name} is not installed")


@contextmanager
def _serving(app: Any, reads: list[str]) -> Iterator[str]:
    """Serve an application of WSGI; note the files that are read, and return host and port."""
    from cheroot.wsgi import Server

    def counted(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].endswith(".txt"):
            reads.append(environ["PATH_INFO"])
        return app(environ, start_response)

    server = Server(("127.0.0.1", 0), counted)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


@contextmanager
def webdav_share(root: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[Share]:
    """Serve a folder by WebDAV."""
    _need("wsgidav", "cheroot", "webdav4")
    from wsgidav.wsgidav_app import WsgiDAVApp

    folder, reads = _Folder(root), list[str]()
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/dav files": str(root)},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "logging": {"enable": False},
        }
    )
    with _serving(app, reads) as host:
        yield Share(f"webdav://{host}/dav%20files", folder.put, folder.remove, reads)


@contextmanager
def s3_share(_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Share]:
    """Serve a bucket by S3, to whoever has any key."""
    _need("moto", "flask_cors", "s3fs", "cheroot")
    from moto.server import DomainDispatcherApplication, create_backend_app
    from s3fs import S3FileSystem

    reads = list[str]()
    with _serving(DomainDispatcherApplication(create_backend_app), reads) as host:
        for name, value in {
            "AWS_ACCESS_KEY_ID": USER,
            "AWS_SECRET_ACCESS_KEY": PASSWORD,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_S3": f"http://{host}",
        }.items():
            monkeypatch.setenv(name, value)
        system = S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
        system.mkdir("papers")
        yield Share(
            "s3://papers/2025",
            put=lambda name, text: system.pipe(f"papers/2025/{name}", text.encode()),
            remove=lambda name: system.rm(f"papers/2025/{name}"),
            reads=reads,
        )
        system.rm("papers", recursive=True)


@contextmanager
def smb_share(root: Path, _monkeypatch: pytest.MonkeyPatch) -> Iterator[Share]:
    """Serve a folder by SMB."""
    _need("impacket", "smbclient")
    from impacket import ntlm
    from impacket.smbserver import SimpleSMBServer
    from smbclient import reset_connection_cache

    folder = _Folder(root)
    server = SimpleSMBServer("127.0.0.1", 0)
    server.addShare("PAPERS", str(root), "")
    server.setSMB2Support(True)
    server.addCredential(USER, 0, *(f(PASSWORD).hex() for f in (ntlm.compute_lmhash, ntlm.compute_nthash)))
    listener = server.getServer()
    listener.daemon_threads = True  # Else its end waits for the client's.
    thread = threading.Thread(target=server.start)
    thread.start()
    url = f"smb://127.0.0.1:{listener.server_address[1]}/PAPERS"
    yield Share(url, folder.put, folder.remove, forget=reset_connection_cache)
    reset_connection_cache()
    listener.shutdown()
    listener.server_close()
    thread.join()
