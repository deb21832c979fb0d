"""The arguments of methods that write messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tests.fake_slack.rules.base import OMITTED, Rule
from tests.fake_slack.rules.blocks import MessageBlocks
from tests.fake_slack.rules.elements import UrlSource
from tests.fake_slack.rules.text import check_markdown, check_mrkdwn

Id = Annotated[str, Field(min_length=1)]
MarkdownText = Annotated[str, Field(min_length=1, max_length=12_000), AfterValidator(check_markdown)]


def _shown(text: str) -> str:
    if not text.strip():
        raise ValueError("no text for notifications")
    return text


# Ours for all methods: `chat.update` alone refuses a longer text, `chat.postMessage` cuts one of 40,000 characters.
Fallback = Annotated[str, Field(max_length=4_000), AfterValidator(_shown), AfterValidator(check_mrkdwn)]


class Arguments(BaseModel):
    """The arguments of a method, none of them unknown; what is sent as a form has numbers and booleans as text."""

    model_config = ConfigDict(extra="forbid")


class Metadata(Rule):
    """https://docs.slack.dev/messaging/message-metadata"""

    event_type: str = Field(pattern=r"^[a-z0-9_]{1,255}$")
    event_payload: dict[str, Any]


class _Message(Arguments):
    """https://docs.slack.dev/messaging/sending-and-scheduling-messages: a text too, for screen readers."""

    text: Fallback
    blocks: MessageBlocks = OMITTED


class _Unfurled(_Message):
    """https://docs.slack.dev/messaging/unfurling-links-in-messages"""

    thread_ts: Id = OMITTED
    unfurl_links: bool = OMITTED
    unfurl_media: bool = OMITTED


class PostMessage(_Unfurled):
    """https://docs.slack.dev/reference/methods/chat.postMessage"""

    channel: Id
    metadata: Metadata = OMITTED
    reply_broadcast: bool = OMITTED


class Update(_Message):
    """https://docs.slack.dev/reference/methods/chat.update"""

    channel: Id
    ts: Id
    metadata: Metadata = OMITTED


class PostEphemeral(_Message):
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""

    channel: Id
    user: Id
    thread_ts: Id = OMITTED


class Response(_Unfurled):
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""

    response_type: Literal["ephemeral", "in_channel"] = OMITTED
    replace_original: bool = OMITTED


class Deletion(Arguments):
    """https://docs.slack.dev/interactivity/handling-user-interaction#deleting_message"""

    delete_original: Literal[True]


class Acknowledgement(_Message):
    """https://docs.slack.dev/interactivity/implementing-slash-commands#responding_immediate_response"""

    response_type: Literal["ephemeral", "in_channel"] = OMITTED


class MarkdownChunk(Rule):
    """https://docs.slack.dev/reference/methods/chat.appendStream#chunks"""

    type: Literal["markdown_text"]
    text: MarkdownText


class TaskChunk(Rule):
    """https://docs.slack.dev/reference/methods/chat.appendStream#chunks"""

    type: Literal["task_update"]
    id: Id
    title: Annotated[str, Field(min_length=1, max_length=256)]
    status: Literal["pending", "in_progress", "complete", "error"]
    details: str = Field(default=None, min_length=1, max_length=256)
    output: str = Field(default=None, min_length=1, max_length=256)
    sources: list[UrlSource] = OMITTED


class PlanChunk(Rule):
    """https://docs.slack.dev/reference/methods/chat.appendStream#chunks"""

    type: Literal["plan_update"]
    title: Annotated[str, Field(min_length=1, max_length=256)]


class BlocksChunk(Rule):
    """https://docs.slack.dev/reference/methods/chat.appendStream#chunks"""

    type: Literal["blocks"]
    blocks: MessageBlocks


Chunk = Annotated[MarkdownChunk | TaskChunk | PlanChunk | BlocksChunk, Field(discriminator="type")]


class StartStream(Arguments):
    """https://docs.slack.dev/reference/methods/chat.startStream: always a reply to a user's request."""

    channel: Id
    thread_ts: Id
    recipient_user_id: Id = OMITTED
    recipient_team_id: Id = OMITTED
    markdown_text: MarkdownText = OMITTED
    chunks: list[Chunk] = Field(default=None, min_length=1)
    task_display_mode: Literal["timeline", "plan", "dense"] = OMITTED


class AppendStream(Arguments):
    """https://docs.slack.dev/reference/methods/chat.appendStream"""

    channel: Id
    ts: Id
    markdown_text: MarkdownText = OMITTED
    chunks: list[Chunk] = Field(default=None, min_length=1)


class StopStream(AppendStream):
    """https://docs.slack.dev/reference/methods/chat.stopStream"""

    blocks: MessageBlocks = OMITTED
    metadata: Metadata = OMITTED
    session_status: Literal["active", "processing", "suspended", "closed"] = OMITTED
