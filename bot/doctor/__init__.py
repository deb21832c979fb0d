"""The checks of `itubot doctor`: settings, data folder, store, models and Slack, and the trial of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "broken", "unused"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; `remedy` says what to do if the verdict is "broken"."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""

    @classmethod
    def failed(cls, name: str, error: Exception, separator: str = "; ") -> CheckResult:
        """Return the check that an error of ours ended; its message names the remedy behind the separator."""
        found, _separator, remedy = str(error).partition(separator)
        return cls(name, "broken", found, remedy)


def ok(name: str, found: str) -> CheckResult:
    """Return that something works."""
    return CheckResult(name, "ok", found)


def broken(name: str, found: str, remedy: str = "") -> CheckResult:
    """Return that something does not work, and how to repair it."""
    return CheckResult(name, "broken", found, remedy)


def unused(name: str, found: str) -> CheckResult:
    """Return that something is not set up, or was not looked at."""
    return CheckResult(name, "unused", found)
