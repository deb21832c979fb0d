"""Audiences: each document is for everybody, or for one Slack channel or direct message.

A reader has a set of audiences, and sees only their documents.
"""

from __future__ import annotations

import re

from store.records import EVERYBODY, short_hash

Audience = str
Audiences = frozenset[Audience]

PUBLIC: Audiences = frozenset({EVERYBODY})
_CHANNEL = re.compile(r"[A-Z0-9]+/[A-Z0-9]+")


def of_channel(team: str, channel: str) -> Audience:
    """Return the audience of a channel, given Slack's ids of the workspace and the channel."""
    return f"{team}/{channel}"


def team_of(audience: Audience) -> str:
    """Return Slack's id of the workspace of a channel's audience, "" for everybody."""
    return "" if audience == EVERYBODY else audience.partition("/")[0]


def channel_id(audience: Audience) -> str:
    """Return Slack's id of the channel of an audience, "" for everybody."""
    return audience.partition("/")[2]


def is_audience(name: str) -> bool:
    """Whether `name` is "everybody", or a workspace's id, a slash and a channel's id."""
    return name == EVERYBODY or _CHANNEL.fullmatch(name) is not None


def document_id(audience: Audience, own: str) -> str:
    """Return the id of the document that has the id `own` within its audience.

    The same symbol in two audiences is two documents.
    """
    return own if audience == EVERYBODY else f"{audience}:{own}"


def vector_key(audience: Audience, key: str) -> str:
    """Return the key of a text's vector for one audience; each index segment is for one audience."""
    return key if audience == EVERYBODY else short_hash(audience, key)
