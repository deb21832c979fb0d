"""Logging: lines for people, or one JSON object a line. Both show URLs, also in tracebacks, up to the host."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

from bot.safe_text import hosts_only
from bot.telemetry import request_id

_LOG = logging.getLogger(__name__)

# Names of our handler.
_LINES, _JSON = "itubot lines", "itubot JSON"
# What a call may pass as `extra`: the other attributes are those of libraries.
_FIELDS = ("outcome", "seconds", "removed")


class LineFormatter(logging.Formatter):
    """Formats log records, also those of libraries and their tracebacks, for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line or lines of a record, with its request id."""
        record.request = f" [{found}]" if (found := request_id.current()) else ""
        return hosts_only(super().format(record))


def configure(level: int) -> None:
    """Log to stderr in lines for people, from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(_LINES)
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s%(request)s"))
    logging.basicConfig(level=level, handlers=[handler])


def use_format(name: str) -> None:
    """Write in a format from now on: "console", the one of `configure`, or "json".

    JSON has also what else Python would write to stderr: warnings, and errors that end a thread.
    """
    if name != "json":
        return
    for handler in logging.getLogger().handlers:
        if handler.name == _LINES:
            handler.set_name(_JSON)
            handler.setFormatter(json_formatter())
    logging.captureWarnings(True)
    threading.excepthook = _log_end_of_thread


def writes_json() -> bool:
    """Return True once logs are JSON."""
    return any(handler.name == _JSON for handler in logging.getLogger().handlers)


def json_formatter() -> logging.Formatter:
    """Return a formatter of one JSON object a line: time (UTC), level, logger, event, request and exception."""
    # Takes some 30 ms to import, and lines for people do not need it.
    from structlog import processors, stdlib

    return stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            processors.TimeStamper(fmt="iso", utc=True, key="time"),
            stdlib.add_log_level,
            stdlib.add_logger_name,
            stdlib.ExtraAdder(_FIELDS),
            _add_request_id,
        ],
        processors=[
            stdlib.ProcessorFormatter.remove_processors_meta,
            processors.format_exc_info,
            _show_only_hosts,
            processors.JSONRenderer(),
        ],
    )


def _add_request_id(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if found := request_id.current():
        event["request"] = found
    return event


def _show_only_hosts(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: hosts_only(value) if isinstance(value, str) else value for name, value in event.items()}


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread else ""
    error = ended.exc_value or ended.exc_type()
    _LOG.error("the thread %s ended", name, exc_info=error)
