"""Slack's events read as files that somebody gives to the library, and whom they are for. Pure."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from bot.slack.incoming import read_question
from store.audiences import Audience, of_channel
from store.jobs import SlackFile, SlackMessage, Submission

SHORTCUT = "add_to_library"
SHARE = "share_with_everybody"
_SHARED = "share/"
# A message or a line of it that says nothing else: "dates for all meetings" and "not for everybody" are another thing.
_FOR_EVERYBODY = re.compile(
    r"(?:please,? )?(?:(?:this|these|it|they)(?:[’']s| is| are) )?for (?:everybody|everyone)(?:,? please)?",
    re.IGNORECASE,
)
# Slack takes so many characters as a button's value.
_LONGEST = 2_000


def read_gift(body: Mapping[str, Any], bot_user: str) -> Submission | None:
    """Return the files of a `message` event that a person wrote to the bot directly, if there are any."""
    event = body.get("event") or {}
    files = _files(event)
    direct = event.get("channel_type") == "im" or str(event.get("channel") or "").startswith("D")
    asked = read_question(body, bot_user) if files and direct else None
    return Submission(f"message/{asked.key}", asked, files, asked.ts) if asked else None


def read_shortcut(body: Mapping[str, Any]) -> Submission:
    """Return the files of the message on which somebody used the shortcut; there may be none."""
    message = body.get("message") or {}
    ts = str(message.get("ts") or body.get("message_ts") or "")
    asked = SlackMessage(
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


def read_share(body: Mapping[str, Any]) -> tuple[Submission, str]:
    """Return the files that somebody wants everybody to have who pressed the button for it, and who gave them."""
    action = body["actions"][0]
    giver, team, channel, ts, thread, *files = str(action["value"]).split(" ")
    user = str((body.get("user") or {}).get("id") or "")
    asked = SlackMessage(team, channel, ts, thread.strip("-"), user, "")
    given_ts = str(action.get("action_ts") or "") or f"{time.time():.6f}"
    key = f"{_SHARED}{asked.key}/{body.get('trigger_id') or given_ts}"
    # That everybody is to have them is said now: it replaces what everybody has.
    return Submission(key, asked, tuple(SlackFile(file, "") for file in files), given_ts), giver


def share_value(submission: Submission) -> str | None:
    """Return what the button bears with which the giver of files lets everybody have them; None for too many files."""
    asked = submission.asked
    place = (asked.user, asked.team, asked.channel, asked.ts, asked.thread or "-")
    value = " ".join([*place, *(file.id for file in submission.files)])
    return value if len(value) <= _LONGEST else None


def is_share(submission: Submission) -> bool:
    """Whether the files were given before, and everybody is to have them now."""
    return submission.key.startswith(_SHARED)


def own_audience(submission: Submission) -> Audience:
    """Return the channel that the files were given in."""
    return of_channel(submission.asked.team, submission.asked.channel)


def is_for_everybody(submission: Submission) -> bool:
    """Whether the giver says so: with the button, or by a line of the message."""
    lines = re.split(r"[\n.;!]+", submission.asked.text)
    return is_share(submission) or any(_FOR_EVERYBODY.fullmatch(line.strip()) for line in lines)


def is_question(submission: Submission) -> bool:
    """Whether what stands beside the files is a question: "the new report" is none."""
    return submission.asked.text.rstrip().endswith("?")


def _files(message: Mapping[str, Any]) -> tuple[SlackFile, ...]:
    files = [file for file in message.get("files") or [] if file.get("id")]
    given = {
        file["id"]: SlackFile(file["id"], str(file.get("name") or file.get("title") or "")) for file in files
    }
    return tuple(given.values())
