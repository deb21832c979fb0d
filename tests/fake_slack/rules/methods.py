"""The methods of the Web API that the bot may call: their scopes, arguments and rates.

The page of a method is https://docs.slack.dev/reference/methods/NAME; the tiers are explained on
https://docs.slack.dev/apis/web-api/rate-limits.
"""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from slack_sdk.web.async_client import AsyncWebClient

from tests.fake_slack.rules import messages, views
from tests.fake_slack.rules.base import MAYBE_JSON, Violation, check, exactly_one, may, rule, size, violations
from tests.fake_slack.rules.blocks import ESCAPED
from tests.fake_slack.rules.messages import Id, arguments


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


def _as_in_sdk(method: str) -> Any:
    """Return the rule for the arguments that Slack's own SDK takes: all named, and those without a default required."""
    own = inspect.signature(getattr(AsyncWebClient, method.replace(".", "_"))).parameters.values()
    named = [one for one in own if one.kind is one.KEYWORD_ONLY]
    return arguments(
        f"{_PAGE}{method}", **{one.name: Id if one.default is one.empty else may(Any) for one in named}
    )


_PAGE = "reference/methods/"
# Ours: whoever does not see a picture hears what it shows.
_DESCRIBED = check(
    lambda one: bool(one.alt_txt) or not one.filename.endswith((".png", ".jpg", ".gif")),
    "a picture without alt text",
)
_UPLOAD_URL = Annotated[
    arguments(
        f"{_PAGE}files.getUploadURLExternal",
        filename=Id, length=Annotated[int, Field(ge=1)], alt_txt=may(Annotated[str, Field(max_length=1_000)]),
        snippet_type=may(str),
    ),
    _DESCRIBED,
]  # fmt: skip
_FILE = rule(f"{_PAGE}files.completeUploadExternal", id=Id, title=Id)
_COMPLETE_UPLOAD = arguments(
    f"{_PAGE}files.completeUploadExternal",
    files=Annotated[list[_FILE], MAYBE_JSON], channel_id=Id, thread_ts=may(Id),
    initial_comment=may(Annotated[str, ESCAPED]),
)  # fmt: skip
_PROMPT = rule(f"{_PAGE}assistant.threads.setSuggestedPrompts", title=Id, message=Id)
_PROMPTS = arguments(
    f"{_PAGE}assistant.threads.setSuggestedPrompts",
    channel_id=Id, prompts=Annotated[list[_PROMPT], Field(min_length=1, max_length=4), MAYBE_JSON], title=may(Id),
    thread_ts=may(Id),
)  # fmt: skip
_THREAD_STATUS = arguments(
    f"{_PAGE}assistant.threads.setStatus",
    channel_id=Id, thread_ts=Id, status=str,
    loading_messages=may(Annotated[list[Id], Field(min_length=1, max_length=10)]),
)  # fmt: skip
_SESSION_TITLE = Annotated[str, Field(min_length=1, max_length=200)]
_SESSION_STATUS = arguments(
    f"{_PAGE}agents.sessions.setStatus",
    channel_id=Id, status=Literal["active", "processing", "suspended", "closed"], thread_ts=may(Id),
    title=may(_SESSION_TITLE), initiator_user_id=may(Id),
)  # fmt: skip
_SESSION_NAME = arguments(
    f"{_PAGE}agents.sessions.rename", channel_id=Id, title=_SESSION_TITLE, thread_ts=may(Id)
)
# Of a code, or of a refresh token: https://docs.slack.dev/authentication/using-token-rotation
_ACCESS = Annotated[
    arguments(
        f"{_PAGE}oauth.v2.access",
        client_id=may(Id), client_secret=may(Id), code=may(Id), redirect_uri=may(Id), refresh_token=may(Id),
        grant_type=may(Literal["authorization_code", "refresh_token"]),
    ),
    exactly_one("code", "refresh_token"),
    check(
        lambda one: (one.grant_type == "refresh_token") == (one.refresh_token is not None),
        "refresh_token without its grant_type, or the other way round",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Method:
    """`scope` is what the token needs; with `*` it depends on the conversation: channels, groups, im or mpim.

    Without a rule for the `arguments`, they are as in Slack's own SDK.
    """

    scope: str
    rate: Rate
    arguments: Any = None


METHODS: dict[str, Method] = {
    "auth.test": Method("", HUNDREDS),
    "apps.uninstall": Method("", TIER_1),
    # No token, but the credentials of the app.
    "oauth.v2.access": Method("", HUNDREDS, _ACCESS),
    "apps.connections.open": Method("", TIER_3, arguments(f"{_PAGE}apps.connections.open")),
    "chat.postMessage": Method("chat:write", POSTS, messages.PostMessage),
    "chat.update": Method("chat:write", TIER_3, messages.Update),
    "chat.delete": Method("chat:write", TIER_3),
    "chat.postEphemeral": Method("chat:write", TIER_4, messages.PostEphemeral),
    "chat.startStream": Method("chat:write", TIER_2, messages.StartStream),
    "chat.appendStream": Method("chat:write", TIER_4, messages.AppendStream),
    "chat.stopStream": Method("chat:write", TIER_2, messages.StopStream),
    "chat.getPermalink": Method("", HUNDREDS),
    "assistant.threads.setStatus": Method("chat:write", POSTS, _THREAD_STATUS),
    "assistant.threads.setSuggestedPrompts": Method("assistant:write", TIER_4, _PROMPTS),
    "agents.sessions.setStatus": Method("chat:write", TIER_3, _SESSION_STATUS),
    "agents.sessions.rename": Method("chat:write", TIER_3, _SESSION_NAME),
    "conversations.info": Method("*:read", TIER_3),
    "conversations.members": Method("*:read", TIER_4),
    "conversations.history": Method("*:history", TIER_3),
    "conversations.replies": Method("*:history", TIER_3),
    "conversations.open": Method("im:write", TIER_3),
    "users.info": Method("users:read", TIER_4),
    "usergroups.list": Method("usergroups:read", TIER_2),
    "usergroups.users.list": Method("usergroups:read", TIER_2),
    "files.info": Method("files:read", TIER_4),
    "files.getUploadURLExternal": Method("files:write", TIER_4, _UPLOAD_URL),
    "files.completeUploadExternal": Method("files:write", TIER_4, _COMPLETE_UPLOAD),
    "views.open": Method("", TIER_4, views.OpenView),
    "views.push": Method("", TIER_4, views.PushView),
    "views.update": Method("", TIER_4, views.UpdateView),
    "views.publish": Method("", TIER_4, views.PublishView),
}
_RULES = {name: TypeAdapter(method.arguments or _as_in_sdk(name)) for name, method in METHODS.items()}


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


def refusal(method: str, given: dict[str, Any]) -> Refusal | None:
    """Return why Slack refuses these arguments, None where it does not."""
    found = violations(_RULES[method], given)
    if found:
        return Refusal(_code(method, found[0]), tuple(map(str, found)))
    streamed = [chunk for chunk in given.get("chunks", []) if chunk["type"] == "blocks"]
    if size([given.get("blocks", []), streamed]) > _LARGEST_BLOCKS:
        return Refusal("msg_blocks_too_long", (f"blocks of more than {_LARGEST_BLOCKS} characters",))
    view = given.get("view", "")
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
