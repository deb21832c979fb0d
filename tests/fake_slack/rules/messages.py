"""The arguments of methods that write messages, and what is said in reply to a person's act."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tests.fake_slack.rules.base import at_least_one, check, may, rule
from tests.fake_slack.rules.blocks import ESCAPED, NO_MARKUP, MessageBlocks, UrlSource, one_of

Id = Annotated[str, Field(min_length=1)]
_MARKDOWN = Annotated[str, Field(min_length=1, max_length=12_000), ESCAPED, NO_MARKUP]


class Arguments(BaseModel):
    """The arguments of a method, none of them unknown; what is sent as a form has numbers and booleans as text."""

    model_config = ConfigDict(extra="forbid")


def arguments(page: str, /, **fields: Any) -> type[BaseModel]:
    """Return the rule for the arguments of a method, or for what is sent in its place."""
    return rule(page, Arguments, **fields)


_METADATA = rule(
    "messaging/message-metadata",
    event_type=Annotated[str, Field(pattern=r"^[a-z0-9_]{1,255}$")], event_payload=dict[str, Any],
)  # fmt: skip
# A text too, for screen readers: https://docs.slack.dev/messaging/sending-and-scheduling-messages. Ours for all
# methods is its length: `chat.update` alone refuses a longer one, `chat.postMessage` cuts one of 40,000 characters.
_SHOWN = check(lambda text: bool(text.strip()), "no text for notifications")
_MESSAGE = {
    "text": Annotated[str, Field(max_length=4_000), _SHOWN, ESCAPED],
    "blocks": may(MessageBlocks),
}
# https://docs.slack.dev/messaging/unfurling-links-in-messages
_UNFURLED = {**_MESSAGE, "thread_ts": may(Id), "unfurl_links": may(bool), "unfurl_media": may(bool)}
_TYPE = may(Literal["ephemeral", "in_channel"])
_METHODS = "reference/methods/"
PostMessage = arguments(
    f"{_METHODS}chat.postMessage", **_UNFURLED, channel=Id, metadata=may(_METADATA), reply_broadcast=may(bool)
)
Update = arguments(f"{_METHODS}chat.update", **_MESSAGE, channel=Id, ts=Id, metadata=may(_METADATA))
PostEphemeral = arguments(f"{_METHODS}chat.postEphemeral", **_MESSAGE, channel=Id, user=Id, thread_ts=may(Id))
_INTERACTIVITY = "interactivity/"
Response = arguments(
    f"{_INTERACTIVITY}handling-user-interaction#message_responses",
    **_UNFURLED, response_type=_TYPE, replace_original=may(bool),
)  # fmt: skip
Deletion = arguments(
    f"{_INTERACTIVITY}handling-user-interaction#deleting_message", delete_original=Literal[True]
)
Acknowledgement = arguments(
    f"{_INTERACTIVITY}implementing-slash-commands#responding_immediate_response",
    **_MESSAGE,
    response_type=_TYPE,
)

_CHUNKS = f"{_METHODS}chat.appendStream#chunks"
MarkdownChunk = rule(_CHUNKS, type=Literal["markdown_text"], text=_MARKDOWN)
_LINE = Annotated[str, Field(min_length=1, max_length=256)]
TaskChunk = rule(
    _CHUNKS,
    type=Literal["task_update"], id=Id, title=_LINE, status=Literal["pending", "in_progress", "complete", "error"],
    details=may(_LINE), output=may(_LINE), sources=may(list[UrlSource]),
)  # fmt: skip
BlocksChunk = rule(_CHUNKS, type=Literal["blocks"], blocks=MessageBlocks)
Chunk = one_of(MarkdownChunk, TaskChunk, BlocksChunk)
_STREAM = {"channel": Id, "markdown_text": may(_MARKDOWN), "chunks": may(at_least_one(Chunk))}
# Always a reply to a user's request.
StartStream = arguments(
    f"{_METHODS}chat.startStream",
    **_STREAM, thread_ts=Id, recipient_user_id=may(Id), recipient_team_id=may(Id),
    task_display_mode=may(Literal["timeline", "plan", "dense"]),
)  # fmt: skip
AppendStream = arguments(f"{_METHODS}chat.appendStream", **_STREAM, ts=Id)
StopStream = arguments(
    f"{_METHODS}chat.stopStream",
    # The SDK's AsyncChatStream sends an empty list where nothing is left.
    **{**_STREAM, "chunks": may(list[Chunk])}, ts=Id, blocks=may(MessageBlocks), metadata=may(_METADATA),
    session_status=may(Literal["active", "processing", "suspended", "closed"]),
)  # fmt: skip
