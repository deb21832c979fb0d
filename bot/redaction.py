"""Addresses without what may be secret in them: a password, or a path or query that gives access by itself. Pure."""

from __future__ import annotations

import logging
import re

# A password may hold any sign: all up to the last "@" is taken for one.
_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)(?:[^\s'\"]*@)?([^\s'\"/?#]*)([^\s'\"]*)", re.IGNORECASE)


def hosts_only(text: str) -> str:
    """Return a text in which every URL ends with its host."""
    return _ADDRESS.sub(lambda found: f"{found[1]}{found[2]}{'/…' if found[3] else ''}", text)


class Formatter(logging.Formatter):
    """Formats records, also those of libraries and their tracebacks, with the hosts of URLs only."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line or lines of a record."""
        return hosts_only(super().format(record))
