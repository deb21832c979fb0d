"""The methods of the Web API that the bot may call: their scopes, arguments and rates.

The page of a method is https://docs.slack.dev/reference/methods/NAME; the tiers are explained on
https://docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.fake_slack.rules import calls, messages, views
from tests.fake_slack.rules.base import Violation, size, violations


@dataclass(frozen=True)
class Rate:
    """How many calls Slack takes at least within some seconds: of an app, or for each channel."""

    calls: int
    seconds: float = 60.0
    per_channel: bool = False


TIER_1, TIER_2, TIER_3, TIER_4 = Rate(1), Rate(20), Rate(50), Rate(100)
# Where the page says "special": hundreds of calls a minute, or a message a second to a channel. The figures, and that
# assistant.threads.setStatus is like a message, are those of Slack's Java SDK (MethodsRateLimitTier). The page of
# chat.postMessage also has a limit for the whole workspace, of several hundred messages, without a figure: none here.
HUNDREDS, POSTS = Rate(600), Rate(1, 1.0, per_channel=True)
# Characters of all blocks of a message: https://github.com/slackapi/bolt-js/issues/2509
_LARGEST_BLOCKS = 13_000
# The Slack word for wrong arguments of this name; others are "invalid_arguments".
_CODES = {
    "blocks": "invalid_blocks",
    "chunks": "invalid_chunks",
    "grant_type": "invalid_grant_type",
    "metadata": "invalid_metadata_format",
}


@dataclass(frozen=True)
class Method:
    """`scope` is what the token needs; with `*` it depends on the conversation: channels, groups, im or mpim."""

    arguments: type[messages.Arguments]
    scope: str
    rate: Rate


METHODS: dict[str, Method] = {
    "auth.test": Method(calls.Nothing, "", HUNDREDS),
    "apps.uninstall": Method(calls.Uninstall, "", TIER_1),
    # No token, but the credentials of the app.
    "oauth.v2.access": Method(calls.Access, "", HUNDREDS),
    "apps.connections.open": Method(calls.Nothing, "", TIER_3),
    "chat.postMessage": Method(messages.PostMessage, "chat:write", POSTS),
    "chat.update": Method(messages.Update, "chat:write", TIER_3),
    "chat.postEphemeral": Method(messages.PostEphemeral, "chat:write", TIER_4),
    "chat.startStream": Method(messages.StartStream, "chat:write", TIER_2),
    "chat.appendStream": Method(messages.AppendStream, "chat:write", TIER_4),
    "chat.stopStream": Method(messages.StopStream, "chat:write", TIER_2),
    "chat.getPermalink": Method(calls.Permalink, "", HUNDREDS),
    "assistant.threads.setStatus": Method(calls.ThreadStatus, "chat:write", POSTS),
    "assistant.threads.setSuggestedPrompts": Method(calls.SuggestedPrompts, "assistant:write", TIER_4),
    "agents.sessions.setStatus": Method(calls.SessionStatus, "chat:write", TIER_3),
    "agents.sessions.rename": Method(calls.SessionName, "chat:write", TIER_3),
    "conversations.info": Method(calls.Conversation, "*:read", TIER_3),
    "conversations.members": Method(calls.Pages, "*:read", TIER_4),
    "conversations.history": Method(calls.History, "*:history", TIER_3),
    "conversations.replies": Method(calls.Replies, "*:history", TIER_3),
    "conversations.open": Method(calls.OpenConversation, "im:write", TIER_3),
    "users.info": Method(calls.UserInfo, "users:read", TIER_4),
    "usergroups.list": Method(calls.Groups, "usergroups:read", TIER_2),
    "usergroups.users.list": Method(calls.GroupMembers, "usergroups:read", TIER_2),
    "files.info": Method(calls.FileInfo, "files:read", TIER_4),
    "files.getUploadURLExternal": Method(calls.UploadUrl, "files:write", TIER_4),
    "files.completeUploadExternal": Method(calls.CompleteUpload, "files:write", TIER_4),
    "views.open": Method(views.OpenView, "", TIER_4),
    "views.push": Method(views.PushView, "", TIER_4),
    "views.update": Method(views.UpdateView, "", TIER_4),
    "views.publish": Method(views.PublishView, "", TIER_4),
}


@dataclass(frozen=True)
class Refusal:
    """Slack's answer to a call that breaks a rule."""

    error: str
    messages: tuple[str, ...]

    def as_response(self) -> dict[str, Any]:
        return {
            "ok": False,
            "error": self.error,
            "response_metadata": {"messages": list(self.messages)},
        }


def refusal(method: str, arguments: dict[str, Any]) -> Refusal | None:
    """Return why Slack refuses these arguments, None where it does not."""
    found = violations(METHODS[method].arguments, arguments)
    if found:
        return Refusal(_code(method, found[0]), tuple(map(str, found)))
    streamed = [chunk for chunk in arguments.get("chunks", []) if chunk["type"] == "blocks"]
    if size([arguments.get("blocks", []), streamed]) > _LARGEST_BLOCKS:
        return Refusal("msg_blocks_too_long", (f"blocks of more than {_LARGEST_BLOCKS} characters",))
    view = arguments.get("view", "")
    if len((view if isinstance(view, str) else json.dumps(view)).encode()) > views.LARGEST_VIEW:
        return Refusal("view_too_large", (f"a view of more than {views.LARGEST_VIEW} bytes",))
    return None


def _code(method: str, violation: Violation) -> str:
    name = str(violation.path[0]) if violation.path else ""
    if "only_one_table_allowed" in violation.words:
        return "invalid_attachments"
    if name == "text":
        return "msg_too_long" if "at most" in violation.words else "no_text"
    if name == "status" and method == "agents.sessions.setStatus":
        return "invalid_status"
    return _CODES.get(name, "invalid_arguments")
