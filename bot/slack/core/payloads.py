"""Slack's payloads read as questions, commands, uploads, shares and presses. Pure."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.core.sending.private_replies import Recipient
from bot.slack.core.ui.mrkdwn import to_plain_text
from store.audiences import Audience, channel_id, of_channel, team_of
from store.jobs import SlackFile, SlackMessage, Submission

# Slack's clock may be so much behind.
_SKEW_SECONDS = 30.0
# Subtypes of messages that a person has just written.
_WRITTEN = {None, "file_share", "thread_broadcast"}

SHARE_WITH_EVERYBODY = "share_with_everybody"
# Begins the keys of submissions that share files which were uploaded before.
SHARE_PREFIX = "share/"


@dataclass(frozen=True, slots=True)
class Press:
    """A button that somebody pressed, an option that they chose, or a form that they submitted.

    `audience` is the channel of the message, and `thread` its thread, "" for none; in a window the channel is the one
    from which it was opened, if any. `value` is the button's or the chosen option's. `view` is the window or the Home
    tab, {} for a message, whose time is `ts`.
    """

    trigger: str
    user: str
    audience: Audience
    value: str
    thread: str = ""
    response_url: str = field(default="", repr=False)
    view: Mapping[str, Any] = field(default_factory=dict, repr=False)
    ts: str = ""

    @property
    def team(self) -> str:
        """Id of the workspace."""
        return team_of(self.audience)

    @property
    def channel(self) -> str:
        """Id of the channel, "" outside channels."""
        return channel_id(self.audience)

    @property
    def in_window(self) -> bool:
        """True for a press in a window."""
        return self.view.get("type") == "modal"

    @property
    def asked(self) -> SlackMessage:
        """What stands for the message of somebody who asks for something by a button or a form, in its channel."""
        return SlackMessage(self.team, self.channel or self.user, now_in_slack(), "", self.user, "")

    @property
    def recipient(self) -> Recipient:
        """Who alone sees the reply, and where."""
        return Recipient(self.user, self.channel, self.thread, self.response_url)


def recipient_of(body: Mapping[str, Any], context: AsyncBoltContext) -> Recipient:
    """Return who alone sees the reply to a request, and where."""
    return Recipient(
        context.user_id or "", context.channel_id or "", _thread_of(body), context.response_url or ""
    )


def payload_key(body: Mapping[str, Any], bot_user: str) -> str:
    """Return the key of the job that a payload is about, else the id of the payload; the same in each delivery."""
    work: Submission | SlackMessage | None
    if body.get("type") == "message_action":
        work = upload_of_shortcut(body)
    elif any(action.get("action_id") == SHARE_WITH_EVERYBODY for action in body.get("actions") or ()):
        work, _ = upload_of_button(body)
    else:
        work = upload_of_event(body, bot_user) or question_of_event(body, bot_user)
        work = work or follow_up_of_event(body, bot_user)
    return work.key if work else str(body.get("trigger_id") or body.get("event_id") or "")


def question_of_event(body: Mapping[str, Any], bot_user: str) -> SlackMessage | None:
    """Return the question in an `app_mention` or `message` event, None where there is none.

    Messages of bots, deletions, messages to others and edits are no questions. Each question is answered in its thread,
    or in the one that it begins, direct messages too: Slack streams and shows a status in threads only.
    """
    event = body.get("event") or {}
    text = event.get("text") or ""
    if event.get("type") == "app_mention" or _is_direct(event) or f"<@{bot_user}" in text:
        return _message_of(event, body, bot_user)
    return None


def follow_up_of_event(body: Mapping[str, Any], bot_user: str) -> SlackMessage | None:
    """Return a reply in a channel's thread that does not mention the bot, None for any other event."""
    event = body.get("event") or {}
    is_reply = event.get("thread_ts") and event.get("thread_ts") != event.get("ts")
    if event.get("type") != "message" or not is_reply or _is_direct(event):
        return None
    return None if question_of_event(body, bot_user) else _message_of(event, body, bot_user)


def _message_of(event: Mapping[str, Any], body: Mapping[str, Any], bot_user: str) -> SlackMessage | None:
    """Return the message of an event that a person has written; None for any other one."""
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    if not (user and channel and ts):
        return None
    if event.get("bot_id") or event.get("bot_profile") or user in (bot_user, "USLACKBOT"):
        return None
    if event.get("subtype") not in _WRITTEN or event.get("hidden") or event.get("edited"):
        return None
    thread = event.get("thread_ts") or ts
    team = installed_team(body) or str(event.get("team") or "")
    text = to_plain_text(event.get("text") or "", without=bot_user)
    return SlackMessage(team, channel, ts, thread, user, text, _author_team(event, team))


def installed_team(body: Mapping[str, Any]) -> str:
    """Return the id of the workspace that the app is installed in, for an org-wide installation of the organization.

    In a shared channel, the body's own `team_id` is the author's workspace; `authorizations` has the app's.
    """
    installation = next(iter(body.get("authorizations") or ()), body)
    organization = installation.get("enterprise_id") or id_of(installation, "enterprise")
    # Slash commands have the word "true".
    if str(installation.get("is_enterprise_install")).lower() == "true" and organization:
        return str(organization)
    of_view = (body.get("view") or {}).get("app_installed_team_id")
    return str(installation.get("team_id") or of_view or id_of(body, "team"))


def upload_of_event(body: Mapping[str, Any], bot_user: str) -> Submission | None:
    """Return the files of a direct message or of a mention, None where there are none."""
    files = _files(body.get("event") or {})
    question = question_of_event(body, bot_user) if files else None
    return Submission(f"message/{question.key}", question, files, question.ts) if question else None


def upload_of_shortcut(body: Mapping[str, Any]) -> Submission:
    """Return the files of the message on which somebody used the shortcut; there may be none."""
    message = body.get("message") or {}
    ts = str(message.get("ts") or body.get("message_ts") or "")
    question = SlackMessage(
        installed_team(body),
        id_of(body, "channel"),
        ts,
        str(message.get("thread_ts") or ts),
        id_of(body, "user"),
        "",
    )
    key = f"shortcut/{body.get('trigger_id') or body.get('action_ts') or question.key}"
    submitted_ts = str(body.get("action_ts") or ts)
    return Submission(key, question, _files(message), submitted_ts, str(body.get("response_url") or ""))


def upload_of_button(body: Mapping[str, Any]) -> tuple[Submission, str]:
    """Return the files to be shared with everybody, and the user who uploaded them."""
    action = body["actions"][0]
    uploader, team, channel, ts, thread, *files = str(action["value"]).split(" ")
    question = SlackMessage(team, channel, ts, thread.strip("-"), id_of(body, "user"), "")
    # The time of the press: shared files replace the versions that everybody has by now.
    submitted_ts = str(action.get("action_ts") or "") or f"{time.time():.6f}"
    key = f"{SHARE_PREFIX}{question.key}/{body.get('trigger_id') or submitted_ts}"
    return Submission(key, question, tuple(SlackFile(file, "") for file in files), submitted_ts), uploader


def acted_at(body: Mapping[str, Any]) -> str:
    """Return when somebody used a shortcut or pressed a button, by Slack's clock."""
    actions = body.get("actions") or [{}]
    return str(body.get("action_ts") or actions[0].get("action_ts") or now_in_slack())


def now_in_slack() -> str:
    """Return the time as a `ts` that no message which Slack gets from now on precedes: its clock may be behind."""
    return f"{time.time() - _SKEW_SECONDS:.6f}"


def press_of(body: Mapping[str, Any]) -> Press:
    """Return what somebody pressed or chose, or a form that they submitted: what they entered is in its `view`."""
    action: Mapping[str, Any] = next(iter(body.get("actions") or ()), {})
    chosen = action.get("selected_option") or {}
    message, container = body.get("message") or {}, body.get("container") or {}
    view = body.get("view") or {}
    origin = _opened_from(view)
    channel = id_of(body, "channel") or container.get("channel_id") or origin.get("channel")
    return Press(
        trigger=str(body.get("trigger_id") or ""),
        user=id_of(body, "user"),
        audience=of_channel(installed_team(body), str(channel or "")),
        value=str(action.get("value") or chosen.get("value") or ""),
        thread=_thread_of(body) or str(origin.get("thread") or ""),
        response_url=str(body.get("response_url") or origin.get("response_url") or ""),
        view=view,
        ts=str(message.get("ts") or container.get("message_ts") or ""),
    )


def _thread_of(body: Mapping[str, Any]) -> str:
    """Return the thread of the message that a request is about, "" for none.

    Of a message that one person alone sees, Slack names the thread in the `container`, and sends no message.
    """
    message, container = body.get("message") or {}, body.get("container") or {}
    return str(message.get("thread_ts") or container.get("thread_ts") or "")


def _opened_from(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a window knows of the conversation from which it was opened."""
    origin = json.loads(view.get("private_metadata") or "{}")
    return origin if isinstance(origin, dict) else {}


def _author_team(event: Mapping[str, Any], team: str) -> str:
    """Return the workspace of an event's author, "" where that is `team` or where Slack names only an organization."""
    known = (str(event.get(name) or "") for name in ("user_team", "team"))
    author_team = next((name for name in known if name.startswith("T")), "")
    return "" if author_team == team else author_team


def _is_direct(event: Mapping[str, Any]) -> bool:
    return event.get("channel_type") == "im" or str(event.get("channel") or "").startswith("D")


def id_of(body: Mapping[str, Any], name: str) -> str:
    """Return the id of what a payload names, such as its "user" or "channel"; "" for none."""
    return str((body.get(name) or {}).get("id") or "")


def _files(message: Mapping[str, Any]) -> tuple[SlackFile, ...]:
    files = [file for file in message.get("files") or [] if file.get("id")]
    by_id = {
        file["id"]: SlackFile(file["id"], str(file.get("name") or file.get("title") or "")) for file in files
    }
    return tuple(by_id.values())
