"""Slack's events read as questions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.blocks.mrkdwn import plain
from store.audiences import Audience, of_channel
from store.jobs import SlackMessage

# A message with one of these was still written by a person, just now.
_WRITTEN = {None, "file_share", "thread_broadcast"}


def audience_of(body: Mapping[str, Any]) -> Audience:
    """Return the channel in which somebody pressed a button, chose something or used a shortcut."""
    team, channel = body.get("team") or {}, body.get("channel") or body.get("container") or {}
    return of_channel(str(team.get("id") or ""), str(channel.get("id") or channel.get("channel_id") or ""))


def read_question(body: Mapping[str, Any], bot_user: str) -> SlackMessage | None:
    """Return the question that an `app_mention` or `message` event puts to the bot `bot_user`, if it does.

    Messages of bots, of the bot itself, edits, deletions and what is not addressed to the bot are
    no questions. In a direct message the reply goes where the question stands, elsewhere into the
    question's thread.
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
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    if event.get("type") != "app_mention" and not direct and f"<@{bot_user}" not in text:
        return None
    thread = event.get("thread_ts") or ("" if direct else ts)
    # The workspace that the app is installed in; the event's own `team` is the author's.
    team = body.get("team_id") or event.get("team") or ""
    return SlackMessage(team, channel, ts, thread, user, plain(text, without=bot_user))
