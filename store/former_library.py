"""Files that earlier versions kept under their own names: `library` in the data folder, `library/.channels/<channel>`.

They are copied into the file storage. What is left in the folder is no longer used, and not deleted.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import select

from store.catalog import Catalog, FilePlace
from store.catalog.publication import set_places
from store.catalog.schema import documents
from store.errors import StoreError
from store.files import FileStorage

_LOG = logging.getLogger(__name__)


def adopt_former_library(catalog: Catalog, storage: FileStorage, folder: Path) -> None:
    """Store the files of live documents from the former library of a data folder. The caller holds the writer's lock.

    If the storage cannot be reached, the next write tries again.
    """
    library = (folder / "library").resolve()
    query = select(documents.c.id, documents.c.root, documents.c.source).where(
        documents.c.live,
        documents.c.original.is_(None),
        documents.c.root.startswith(str(library), autoescape=True),
    )
    with catalog.reading() as connection:
        rows = connection.execute(query).all()
    digests: dict[Path, str] = {}
    places: dict[str, FilePlace] = {}
    try:
        for row in rows:
            root = Path(row.root)
            # The name of a member of an archive begins with that of the archive.
            file = root / row.source.partition("/")[0]
            if library in (root, root.parent.parent) and file.is_file():
                digest = digests.get(file) or storage.put(file)
                digests[file] = digest
                # The time of a file was that of its upload.
                places[row.id] = FilePlace("", row.source, digest, file.stat().st_mtime)
    except (OSError, StoreError) as error:
        _LOG.warning("files of the former library could not be stored: %s", error)
    if places:
        with catalog.writing() as connection:
            set_places(connection, places)
