"""The database of a data folder: one, of this version's layout alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.databases import Databases
from store.errors import SchemaMismatch

pytestmark = pytest.mark.files


@pytest.mark.parametrize("file", ["catalog.sqlite", "state.sqlite"])
def test_folder_of_an_earlier_version_is_told_to_ingest_again(tmp_path: Path, file: str) -> None:
    (tmp_path / file).touch()
    databases = Databases("", tmp_path)

    for act in (
        lambda: databases.state,
        databases.catalog.documents,
        databases.catalog.create,
        databases.migrate,
    ):
        with pytest.raises(SchemaMismatch, match=r"an earlier version.*move it away and run `itubot ingest"):
            act()

    assert [path.name for path in tmp_path.iterdir()] == [file]
