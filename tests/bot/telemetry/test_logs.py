"""Logs: one JSON object for each record, or lines for people; both name the request."""

from __future__ import annotations

import json
import logging
from typing import Any

from bot.telemetry import request_id
from bot.telemetry.logs import LineFormatter, json_formatter


def logged(message: str, **attributes: Any) -> dict[str, Any]:
    """Return the JSON object of a record."""
    record = logging.makeLogRecord({"msg": message, "name": "bot.slack", "levelname": "INFO"} | attributes)
    line = json_formatter().format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def test_json_line_has_time_level_logger_and_event() -> None:
    found = logged("%s is ready", args=("the bot",))

    assert found.pop("time").endswith("Z")
    assert found == {"level": "info", "logger": "bot.slack", "event": "the bot is ready"}


def test_json_line_has_only_known_extras() -> None:
    found = logged("question: answered", outcome="answered", color_message="question")

    assert (found["outcome"], "color_message" in found) == ("answered", False)


def test_both_formats_name_the_request() -> None:
    request_id.bind_key("T1/C1/1.1")
    try:
        found, bound = logged("asked"), request_id.current()
        line = LineFormatter("%(message)s%(request)s").format(logging.makeLogRecord({"msg": "asked"}))
    finally:
        request_id.bind("")

    assert (found["request"], line) == (bound, f"asked [{bound}]")
