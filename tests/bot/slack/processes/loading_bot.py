"""`python -m bot`, whose embedding model is loaded only once a file is there.

The model is really loaded before, so that the process has that to do as well. The file is named by LOADED_BY. What
tells languages apart is loaded as on a busy machine: whatever Slack sends meanwhile is acknowledged too late.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any

import lingua

from bot import cli
from store.search import Search

LOADED_BY = "LOADED_BY"
_load = Search.warm_up
_Builder = lingua.LanguageDetectorBuilder


def _load_and_wait(search: Search) -> None:
    _load(search)
    while not Path(os.environ[LOADED_BY]).exists():
        time.sleep(0.05)


class _SlowBuilder:
    """Builds a detector of languages in four seconds, in which no other thread runs."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder

    @classmethod
    def from_languages(cls, *languages: Any) -> _SlowBuilder:
        return cls(_Builder.from_languages(*languages))

    def with_preloaded_language_models(self) -> _SlowBuilder:
        return _SlowBuilder(self._builder.with_preloaded_language_models())

    def build(self) -> Any:
        # A function of this kind keeps the lock of the interpreter.
        ctypes.PyDLL(None).usleep(4_000_000)
        return self._builder.build()


if __name__ == "__main__":
    lingua.LanguageDetectorBuilder = _SlowBuilder  # type: ignore[assignment, misc]
    Search.warm_up = _load_and_wait  # type: ignore[method-assign]
    sys.exit(cli.main())
