"""The words that come as data: aliases of the field, small talk, and the notice for other languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Talk:
    """One kind of small talk: what it is like, and the reply."""

    reply: str
    like: tuple[str, ...]


@lru_cache(maxsize=1)
def aliases() -> Mapping[str, str]:
    """Return folded phrase -> the documents' own words for it."""
    return _load("aliases.toml")


@lru_cache(maxsize=1)
def small_talk() -> tuple[Talk, ...]:
    """Return the kinds of small talk."""
    return tuple(Talk(kind["reply"], tuple(kind["like"])) for kind in _load("small_talk.toml").values())


@lru_cache(maxsize=1)
def language_notices() -> Mapping[str, str]:
    """Return language code -> the notice that English is what is read so far, in that language."""
    return _load("languages.toml")


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((files("bot") / name).read_text("utf-8"))
