"""Slack's events read as files that somebody gives to the library. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.slack.incoming import read_question
from store.jobs import Asked, Given, Submission

SHORTCUT = "add_to_library"


def read_gift(body: Mapping[str, Any], bot_user: str) -> Submission | None:
    """Return the files of a `message` event that a person wrote to the bot directly, if there are any.

    What stands beside them is a question only where it ends as one: "the new report" is none.
    """
    event = body.get("event") or {}
    files = _files(event)
    direct = event.get("channel_type") == "im" or str(event.get("channel") or "").startswith("D")
    asked = read_question(body, bot_user) if files and direct else None
    if asked is None:
        return None
    if not asked.text.rstrip().endswith("?"):
        asked = replace(asked, text="")
    return Submission(f"message/{asked.key}", asked, files, asked.ts)


def read_shortcut(body: Mapping[str, Any]) -> Submission:
    """Return the files of the message on which somebody used the shortcut; there may be none."""
    message = body.get("message") or {}
    ts = str(message.get("ts") or body.get("message_ts") or "")
    asked = Asked(
        str((body.get("team") or {}).get("id") or ""),
        str((body.get("channel") or {}).get("id") or ""),
        ts,
        str(message.get("thread_ts") or ts),
        str((body.get("user") or {}).get("id") or ""),
        "",
    )
    key = f"shortcut/{body.get('trigger_id') or body.get('action_ts') or asked.key}"
    given_ts = str(body.get("action_ts") or ts)
    return Submission(key, asked, _files(message), given_ts, str(body.get("response_url") or ""))


def _files(message: Mapping[str, Any]) -> tuple[Given, ...]:
    files = [file for file in message.get("files") or [] if file.get("id")]
    given = {
        file["id"]: Given(file["id"], str(file.get("name") or file.get("title") or "")) for file in files
    }
    return tuple(given.values())
