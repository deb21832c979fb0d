"""A run of the command line within the process of the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """The exit code, and what was written to stdout and stderr."""

    code: int
    out: str
    err: str


Itubot = Callable[..., Run]
