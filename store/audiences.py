"""Audiences: whom a document is for. Everybody, or one Slack channel; a direct message is a channel too.

A reader is given a set of audiences and sees the documents of these, as if there were no others.
"""

from __future__ import annotations

import re

from store.records import EVERYBODY, digest

Audience = str
Audiences = frozenset[Audience]

PUBLIC: Audiences = frozenset({EVERYBODY})
_CHANNEL = re.compile(r"[A-Z0-9]+/[A-Z0-9]+")


def of_channel(team: str, channel: str) -> Audience:
    """Return the audience of a channel, by Slack's ids of the workspace and the channel."""
    return f"{team}/{channel}"


def is_audience(name: str) -> bool:
    """Whether `name` names an audience: "everybody", or a workspace's id, a slash and a channel's id."""
    return name == EVERYBODY or _CHANNEL.fullmatch(name) is not None


def document_id(audience: Audience, own: str) -> str:
    """Return the id of the document that is called `own` within its audience.

    Each audience has its own documents: the same symbol in two of them is two documents.
    """
    return own if audience == EVERYBODY else f"{audience}:{own}"


def vector_key(audience: Audience, key: str) -> str:
    """Return the key of a text's vector in one audience: an index segment holds the vectors of one audience only."""
    return key if audience == EVERYBODY else digest(audience, key)
