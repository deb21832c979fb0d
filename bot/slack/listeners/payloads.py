"""Slack's payloads read as questions, uploads and interactions. Pure."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot.slack.blocks.library import SHARE
from bot.slack.blocks.mrkdwn import to_plain_text
from bot.slack.handlers.interactions import Interaction
from bot.slack.library.submissions import SHARE_PREFIX
from store.audiences import of_channel
from store.jobs import SlackFile, SlackMessage, Submission

# Subtypes of messages that a person has just written.
_WRITTEN = {None, "file_share", "thread_broadcast"}


def payload_key(body: Mapping[str, Any], bot_user: str) -> str:
    """Return the key of the job that a payload is about, else the id of the payload; the same in each delivery."""
    work: Submission | SlackMessage | None
    if body.get("type") == "message_action":
        work = upload_of_shortcut(body)
    elif any(action.get("action_id") == SHARE for action in body.get("actions") or ()):
        work, _ = upload_of_button(body)
    else:
        work = upload_of_event(body, bot_user) or question_of_event(body, bot_user)
    return work.key if work else str(body.get("trigger_id") or body.get("event_id") or "")


def question_of_event(body: Mapping[str, Any], bot_user: str) -> SlackMessage | None:
    """Return the question in an `app_mention` or `message` event, None where there is none.

    Messages of bots, edits, deletions and messages to others are no questions. A direct message is answered in
    place, any other message in its thread.
    """
    event = body.get("event") or {}
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    if not (user and channel and ts):
        return None
    if event.get("bot_id") or event.get("bot_profile") or user in (bot_user, "USLACKBOT"):
        return None
    if event.get("subtype") not in _WRITTEN or event.get("edited") or event.get("hidden"):
        return None
    text = event.get("text") or ""
    direct = _is_direct(event)
    if event.get("type") != "app_mention" and not direct and f"<@{bot_user}" not in text:
        return None
    thread = event.get("thread_ts") or ("" if direct else ts)
    # The workspace that the app is installed in; the event's own `team` is the author's.
    team = body.get("team_id") or event.get("team") or ""
    return SlackMessage(team, channel, ts, thread, user, to_plain_text(text, without=bot_user))


def upload_of_event(body: Mapping[str, Any], bot_user: str) -> Submission | None:
    """Return the files of a direct message, None where there are none."""
    event = body.get("event") or {}
    files = _files(event)
    question = question_of_event(body, bot_user) if files and _is_direct(event) else None
    return Submission(f"message/{question.key}", question, files, question.ts) if question else None


def upload_of_shortcut(body: Mapping[str, Any]) -> Submission:
    """Return the files of the message on which somebody used the shortcut; there may be none."""
    message = body.get("message") or {}
    ts = str(message.get("ts") or body.get("message_ts") or "")
    question = SlackMessage(
        _id(body, "team"),
        _id(body, "channel"),
        ts,
        str(message.get("thread_ts") or ts),
        _id(body, "user"),
        "",
    )
    key = f"shortcut/{body.get('trigger_id') or body.get('action_ts') or question.key}"
    submitted_ts = str(body.get("action_ts") or ts)
    return Submission(key, question, _files(message), submitted_ts, str(body.get("response_url") or ""))


def upload_of_button(body: Mapping[str, Any]) -> tuple[Submission, str]:
    """Return the files to be shared with everybody, and the user who uploaded them."""
    action = body["actions"][0]
    uploader, team, channel, ts, thread, *files = str(action["value"]).split(" ")
    question = SlackMessage(team, channel, ts, thread.strip("-"), _id(body, "user"), "")
    # The time of the press: shared files replace the versions that everybody has by now.
    submitted_ts = str(action.get("action_ts") or "") or f"{time.time():.6f}"
    key = f"{SHARE_PREFIX}{question.key}/{body.get('trigger_id') or submitted_ts}"
    return Submission(key, question, tuple(SlackFile(file, "") for file in files), submitted_ts), uploader


def interaction_of_action(body: Mapping[str, Any], entry_id: str) -> Interaction:
    """Return what somebody did with a register entry, in the channel where it was shown."""
    channel = body.get("channel") or body.get("container") or {}
    return Interaction(
        str(body.get("trigger_id") or ""),
        body["user"]["id"],
        entry_id,
        str(body.get("response_url") or ""),
        of_channel(_id(body, "team"), str(channel.get("id") or channel.get("channel_id") or "")),
    )


def _is_direct(event: Mapping[str, Any]) -> bool:
    return event.get("channel_type") == "im" or str(event.get("channel") or "").startswith("D")


def _id(body: Mapping[str, Any], name: str) -> str:
    return str((body.get(name) or {}).get("id") or "")


def _files(message: Mapping[str, Any]) -> tuple[SlackFile, ...]:
    files = [file for file in message.get("files") or [] if file.get("id")]
    by_id = {
        file["id"]: SlackFile(file["id"], str(file.get("name") or file.get("title") or "")) for file in files
    }
    return tuple(by_id.values())
