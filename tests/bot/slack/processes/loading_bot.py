"""`python -m bot`, whose embedding model is loaded only once a file is there.

The model is really loaded before, so that the process has that to do as well. The file is named by LOADED_BY.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bot import cli
from store.search import Search

LOADED_BY = "LOADED_BY"
_load = Search.warm_up


def _load_and_wait(search: Search) -> None:
    _load(search)
    while not Path(os.environ[LOADED_BY]).exists():
        time.sleep(0.05)


if __name__ == "__main__":
    Search.warm_up = _load_and_wait  # type: ignore[method-assign]
    sys.exit(cli.main())
