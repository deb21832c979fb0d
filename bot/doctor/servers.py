"""The checks of the servers: PostgreSQL, Chroma and the file storage. No user, password or token is shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.doctor.result import CheckResult
from store.catalog.server import server_state
from store.errors import StoreError
from store.files import FileStorage
from store.vectors import Index
from store.vectors.chroma_server import parse_server, shown

if TYPE_CHECKING:
    from store.catalog import Catalog


def check_database(catalog: Catalog) -> CheckResult:
    """Check that the database answers and has today's tables, and say who writes to it."""
    try:
        state = server_state(catalog)
    except StoreError as error:
        return CheckResult.failed("database", error)
    url = catalog.engine.url
    found = f"PostgreSQL {state.version} at {url.host or 'this machine'}, database {url.database}"
    if state.tables == "none":
        return CheckResult("database", "ok", f"{found}; no tables yet, the first ingest creates them")
    writer = f"{state.writer} is writing" if state.writer else "nobody is writing"
    if state.tables != "current":
        return CheckResult("database", "broken", f"{found}; tables of another version", "itubot migrate")
    return CheckResult("database", "ok", f"{found}; tables of this version; {writer}")


def check_chroma(catalog: Catalog, url: str) -> CheckResult:
    """Check that the Chroma server answers, and has its database and the segments that the catalog names."""
    index = Index(Path(), url)
    try:
        version, existing = index.server_version(), index.names()
    except StoreError as error:
        return CheckResult.failed("index", error)
    server = parse_server(url)
    found = f"Chroma {version} at {shown(url)}, database {server.database} of tenant {server.tenant}"
    try:
        with catalog.snapshot() as view:
            live = view.every_segment()
    except StoreError:
        # Another check reports it.
        return CheckResult("index", "ok", found)
    if missing := set(live) - existing:
        return CheckResult(
            "index", "broken", f"{found}; {len(missing)} of its {len(live)} parts missing", "itubot ingest"
        )
    return CheckResult("index", "ok", f"{found}; all of its {len(live)} parts")


def check_files(url: str) -> CheckResult:
    """Check that the file storage of `ITUBOT_STORAGE_URL` can be read."""
    try:
        count = len(FileStorage(url).digests())
    except StoreError as error:
        return CheckResult.failed("files", error)
    return CheckResult("files", "ok", f"{url.partition(':')[0]} storage with {count} stored files")
