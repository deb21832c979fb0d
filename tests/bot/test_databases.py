"""The database of a data folder: one, of this version's layout alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import SharedServices
from store.errors import SchemaMismatch

pytestmark = pytest.mark.files


@pytest.mark.parametrize("file", ["catalog.sqlite", "state.sqlite"])
def test_folder_of_an_earlier_version_is_told_to_ingest_again(tmp_path: Path, file: str) -> None:
    (tmp_path / file).touch()
    shared = SharedServices(Settings(data_dir=tmp_path, _env_file=None))

    for act in (
        lambda: shared.state,
        shared.catalog.documents,
        shared.catalog.create,
        shared.migrate,
    ):
        with pytest.raises(SchemaMismatch, match=r"an earlier version.*move it away and run `itubot ingest"):
            act()

    assert [path.name for path in tmp_path.iterdir()] == [file]
