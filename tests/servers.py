"""The databases of the tests: SQLite and Chroma in a folder, or a PostgreSQL and a Chroma server on loopback.

    python -m tests.servers pytest tests/store     # starts both servers, runs the command, and stops them

Under this command `database_url` and `chroma_url` name databases on the servers, one for each folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from bot.settings import Settings
from store.engines import DATABASE, sqlite_url

_POSTGRES, _CHROMA = "TESTS_POSTGRES", "TESTS_CHROMA"
_START_SECONDS = 60.0
_MEMORY_BYTES = 8 * 10**9
_PORTS = range(20_000, 32_000)


def on_servers() -> bool:
    """Whether the tests run on servers."""
    return _POSTGRES in os.environ


def database_url(folder: Path) -> str:
    """Return the SQLAlchemy URL of the database of a data folder."""
    return _database(folder) if on_servers() else sqlite_url(folder / DATABASE)


def chroma_url(folder: Path) -> str:
    """Return the URL of a data folder's own database on the Chroma server; empty for an index in the folder."""
    server = os.environ.get(_CHROMA)
    if server is None:
        return ""
    name = json.dumps({"name": _name(folder)}).encode()
    headers = {"Content-Type": "application/json"}
    create = urllib.request.Request(f"{server}/api/v2/tenants/default_tenant/databases", name, headers)  # noqa: S310
    try:
        urllib.request.urlopen(create, timeout=_START_SECONDS).close()  # noqa: S310 (on loopback)
    except urllib.error.HTTPError as error:
        if error.code != 409:  # it is there
            raise
    return f"{server}?database={_name(folder)}"


def server_settings(folder: Path) -> dict[str, str]:
    """Return the settings that a program with this data folder needs, by their names; none on SQLite."""
    if not on_servers():
        return {}
    return {"ITUBOT_DATABASE_URL": _database(folder), "ITUBOT_CHROMA_URL": chroma_url(folder)}


def settings_of(folder: Path, **others: Any) -> Settings:
    """Return the settings of a program with this data folder and these, and no others."""
    own = {name.removeprefix("ITUBOT_").lower(): value for name, value in server_settings(folder).items()}
    return Settings(data_dir=folder, _env_file=None, **own, **others)  # type: ignore[arg-type]


def _database(folder: Path) -> str:
    """Return the URL of the folder's own database, which is created when it is first asked for."""
    import psycopg
    from psycopg import sql

    server = os.environ[_POSTGRES]
    name = _name(folder)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if there is None:
            connection.execute(sql.SQL("CREATE DATABASE {} STRATEGY FILE_COPY").format(sql.Identifier(name)))
    return f"{server.replace('postgresql://', 'postgresql+psycopg://')}/{name}"


def _name(folder: Path) -> str:
    return f"t{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]}"


class Postgres:
    """A PostgreSQL server on loopback while the context is open; where the tests run as root, another user's."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"postgresql://itubot@127.0.0.1:{self.port}"
        self._user = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        )

    def __enter__(self) -> Self:
        programs = max(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None
        )
        if programs is None:
            raise SystemExit("PostgreSQL is missing: apt install postgresql")
        # In memory where there is enough: a database of each test has eight megabytes, in hundreds of files.
        memory = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
        is_enough = memory.is_dir() and shutil.disk_usage(memory).free > _MEMORY_BYTES
        self._temporary = tempfile.TemporaryDirectory(dir=memory if is_enough else None)
        folder = self.folder = Path(self._temporary.name)
        if self._user:
            shutil.chown(folder, "postgres")
        initialize = [
            programs / "initdb",
            "-D",
            folder / "data",
            "-A",
            "trust",
            "-U",
            "itubot",
            "--locale=C.UTF-8",
        ]
        subprocess.run([*self._user, *initialize], check=True, capture_output=True, cwd=folder)
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        )
        self._control = [*self._user, programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
        self._control += ["-o", f"{options} -c max_connections=300"]
        self._pg_ctl("start")
        return self

    def __exit__(self, *_: object) -> None:
        self._pg_ctl("stop", "-m", "immediate")
        self._temporary.cleanup()

    def restart(self) -> None:
        """Close all connections, and start again."""
        self._pg_ctl("restart", "-m", "fast")

    def processes(self) -> list[int]:
        """Return the ids of the server's processes (Linux)."""
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def _pg_ctl(self, *what: str) -> None:
        subprocess.run([*self._control, *what], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)


class Chroma:
    """A Chroma server on loopback, with its data in a folder, while the context is open."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        program = Path(sys.executable).with_name("chroma")
        command = [program, "run", "--path", self.folder, "--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_answer(f"{self.url}/api/v2/heartbeat")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def processes(self) -> list[int]:
        """Return the id of the server's process."""
        return [self._process.pid]

    def restart(self) -> None:
        """Kill the server, and start it again."""
        self.__exit__()
        self.__enter__()


@contextmanager
def both_servers() -> Iterator[tuple[Postgres, Chroma]]:
    """Start both servers, and let `database_url` and `chroma_url` name them while the context is open."""
    with tempfile.TemporaryDirectory() as folder, Postgres() as postgres, Chroma(Path(folder)) as chroma:
        os.environ |= {_POSTGRES: postgres.url, _CHROMA: chroma.url}
        try:
            yield postgres, chroma
        finally:
            del os.environ[_POSTGRES], os.environ[_CHROMA]


def await_answer(url: str) -> None:
    """Wait until a server answers. Raises TimeoutError."""
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (on loopback)
                return
        except OSError:
            if time.monotonic() > until:
                raise TimeoutError(url) from None
            time.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody has, and that no connection gets before it is listened on.

    The system takes the ports of connections from above those.
    """
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def main(command: Sequence[str]) -> int:
    """Run a command with both servers; return its exit code."""
    with both_servers():
        return subprocess.run([*command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
