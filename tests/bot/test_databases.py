"""The engines of the two databases: one on a server, one for each file."""

from __future__ import annotations

from pathlib import Path

from bot.databases import Databases
from tests.servers import catalog_url, on_servers


def test_databases_share_one_engine_on_a_server(tmp_path: Path) -> None:
    databases = Databases(catalog_url(tmp_path) if on_servers() else "", tmp_path)

    assert (databases.state is databases.catalog.engine) == on_servers()
    databases.close()
