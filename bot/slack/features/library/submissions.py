"""Reads a submission: who may see its documents, whether it asks something, and the value of its share button."""

from __future__ import annotations

import re
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.core.payloads import SHARE_PREFIX
from bot.slack.core.people import is_public
from bot.slack.core.ui.elements import BUTTON_VALUE_CHARS
from store.audiences import Audience, of_channel
from store.jobs import SlackMessage, Submission
from store.records import EVERYBODY

# A whole line or sentence: "dates for all meetings" and "not for everybody" mean another thing.
_FOR_EVERYBODY = re.compile(
    r"(?:please,? )?(?:(?:this|these|it|they)(?:[’']s| is| are) )?for (?:everybody|everyone)(?:,? please)?",
    re.IGNORECASE,
)

# A line that only hands the files over, and asks nothing.
_OPENING = r"(?:(?:hi|hello|dear all|please|pls|also|could you|can you|and)[,!]?\s+)*"

_THING = r"(?:version|report|document|file|draft|paper|text|edition|minutes|agenda)s?"

_HANDING_OVER = re.compile(
    _OPENING + r"(?:(?:add|upload|take|store|keep|save|import|include|read|see|find|use|update|replace)\b"
    r"|(?:here|attached|attaching|enclosed|fyi|(?:not )?for (?:the|your|every)\s?\w+)\b"
    r"|(?:this|these|it|they)(?:[’']s| is| are)\b"
    rf"|(?:the |a |our |my )?(?:(?:new|latest|updated|revised|final|draft|current) )*{_THING}\b"
    r"|(?:thanks|thank you|cheers)\b)[^?]*",
    re.IGNORECASE,
)


async def audience_of(submission: Submission, client: AsyncWebClient) -> Audience:
    """Return who sees the documents: everybody in a public channel or on request, else the channel."""
    if is_for_everybody(submission) or await is_public(client, submission.message.channel):
        return EVERYBODY
    return own_audience(submission)


def own_audience(submission: Submission) -> Audience:
    """Return the channel of the upload."""
    return of_channel(submission.message.team, submission.message.channel)


def is_for_everybody(submission: Submission) -> bool:
    """Return True if the user asks for it, with the button or in a line of the message."""
    lines = re.split(r"[\n.;!]+", submission.message.text)
    return is_share(submission) or any(_FOR_EVERYBODY.fullmatch(line.strip()) for line in lines)


def is_share(submission: Submission) -> bool:
    """Return True for files that were uploaded before, and are now shared with everybody."""
    return submission.key.startswith(SHARE_PREFIX)


def question_beside(submission: Submission) -> SlackMessage | None:
    """Return the message with what it asks beside its files, None if its text only hands them over."""
    lines = [line.strip() for line in submission.message.text.splitlines()]
    asked = [
        line
        for line in lines
        if line and not (_HANDING_OVER.fullmatch(line) or _FOR_EVERYBODY.fullmatch(line.rstrip(" .!;")))
    ]
    return replace(submission.message, text="\n".join(asked)) if asked else None


def share_value(submission: Submission) -> str | None:
    """Return the value of the share button; None where too many files make it too long."""
    message = submission.message
    place = (message.user, message.team, message.channel, message.ts, message.thread or "-")
    value = " ".join([*place, *(file.id for file in submission.files)])
    return value if len(value) <= BUTTON_VALUE_CHARS else None
