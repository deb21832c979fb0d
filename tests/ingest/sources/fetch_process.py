"""A process that fetches the sources of a data folder whose fetches it can claim, for tests that kill it.

python -m tests.ingest.sources.fetch_process FOLDER LEASE_SECONDS
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from pathlib import Path

from ingest.sources.fetching import Fetcher
from store.jobs import FetchStore, SourceStore
from store.jobs.leases import Holder, Lease
from store.migrations import open_database
from tests.ingest.sources.conftest import ON_LOOPBACK
from tests.servers import database_url
from tests.small_store import open_store


def keep(fetches: FetchStore, lease: Lease, ended: threading.Event) -> None:
    """Renew a lease until the fetch has ended."""
    while not ended.wait(lease.holder.lease_seconds / 4):
        fetches.renew([lease])


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: Path, lease_seconds: float) -> None:
    """Fetch each source until none can be claimed; print what came of each."""
    store, engine = open_store(folder), open_database(database_url(folder))
    sources, fetches = SourceStore(engine), FetchStore(engine)
    fetcher = Fetcher(sources, fetches, store.pipeline, store.storage, ON_LOOPBACK, kept_days=30)
    for source in sources.all():
        job = fetches.take(source, Holder(f"process {threading.get_native_id()}", lease_seconds))
        if job is None:
            say(f"{source.name} busy")
            continue
        ended = threading.Event()

        renewing = partial(keep, fetches, job.lease, ended)
        threading.Thread(target=renewing, daemon=True).start()
        say(f"{source.name} {fetcher.fetch(source, job.lease).status}")
        ended.set()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
