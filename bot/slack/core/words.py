"""The slash command: the words that features give it, and how what somebody typed is read. Pure.

parse_command("deadlines 2 weeks --share", words)
# ParsedCommand("deadlines", days=14, share=True)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bot.slack.core.payloads import installed_team, now_in_slack
from bot.slack.core.ui.mrkdwn import to_plain_text
from store.audiences import Audience, of_channel
from store.jobs import SlackMessage

# Words that no feature has: a question, the list of words, and one with a slip. "ask" may come before a question.
QUESTION, HELP, UNKNOWN = "question", "help", "unknown"

# Days: ten years.
_MOST_DAYS = 3_650
_UNITS = {"d": 1.0, "w": 7.0, "m": 365 / 12, "y": 365.0}
_SPAN = re.compile(
    r"(?:(?:in|within|for|over)\s+)?(?:the\s+)?(?:next\s+)?(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# What is meant as a span: "30 dys". A year belongs to a question.
_LIKE_SPAN = re.compile(r"(?!(?:19|20)\d\d\b)\d{1,4}\s*[a-z]{0,8}", re.IGNORECASE)
# A document: one word, or a file's name, which may have spaces.
_DOCUMENT = re.compile(r"[^\s?]+|[^?]*\.\w{2,5}")
# The first or the last word. Clients turn two hyphens into a dash.
_SHARE = re.compile(r"^(?:--|—|–)share(?:\s|$)|\s(?:--|—|–)share$", re.IGNORECASE)
# How alike a word and a command have to be: "headline" is a word of its own.
_CUTOFF = 0.75


@dataclass(frozen=True, slots=True)
class CommandWord:
    """A word of the slash command.

    `takes` is what may follow it, `what` its line in the list of words (a message; "" for none). A "report" is shown to
    the user and can be shared, as a "file" can, which is sent as a direct message. A "reply" is for the user alone. A
    "change" of what is stored outlives the bot that begins it.
    """

    name: str
    kind: Literal["report", "file", "reply", "change"]
    what: str = ""
    takes: Literal["nothing", "span", "document", "text"] = "nothing"

    @property
    def shareable(self) -> bool:
        """True for what others may see too."""
        return self.kind in ("report", "file")


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command with its arguments. `days` is how far to look ahead; None: as far as the documents go.

    `text` is the question of a "question", what follows a word that takes a document or a text, and the suggestion for
    an "unknown" word. `share`: the channel gets the reply, not only the user.
    """

    name: str
    days: int | None = None
    text: str = ""
    share: bool = False


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command; `key` is the same for each delivery of it, `typed` is what follows its `name`.

    `message` is the command as a message in its channel.
    """

    key: str
    name: str
    typed: str
    request: ParsedCommand
    message: SlackMessage
    response_url: str = field(repr=False)

    @property
    def audience(self) -> Audience:
        """The channel that the command is used in."""
        return of_channel(self.message.team, self.message.channel)


def command_of(body: Mapping[str, Any], words: Sequence[CommandWord]) -> SlashCommand:
    """Return the slash command that somebody used."""
    name, typed = str(body.get("command") or ""), str(body.get("text") or "")
    channel, user = str(body.get("channel_id") or ""), str(body.get("user_id") or "")
    text = f"{name} {command_text(typed)}"
    message = SlackMessage(installed_team(body), channel, now_in_slack(), "", user, text)
    request = parse_command(typed, words)
    if message.is_direct:
        request = replace(request, share=False)  # There is no channel to share with.
    return SlashCommand(
        key=str(body["trigger_id"]),
        name=name,
        typed=typed,
        request=request,
        message=message,
        response_url=body["response_url"],
    )


def parse_command(typed: str, words: Sequence[CommandWord]) -> ParsedCommand:
    """Return the command that was typed.

    A word alone or with what it takes, such as "30d" or "2 weeks", is a command. A word or a span with a slip is
    unknown, and gets the nearest command. All else is a question. "--share" may be the first or the last word.
    """
    text = command_text(typed)
    return replace(_parse(text, words), share=text != _plain(typed))


def command_text(typed: str) -> str:
    """Return what was typed on one line, as plain text and without "--share"."""
    return _SHARE.sub("", _plain(typed)).strip()


def _plain(typed: str) -> str:
    return " ".join(to_plain_text(typed).split())


def _parse(text: str, words: Sequence[CommandWord]) -> ParsedCommand:
    first, _, rest = text.partition(" ")
    typed = first.casefold().rstrip(".,:;!")
    names = [HELP, *(word.name for word in words)]
    if not text or (typed == HELP and (not rest or rest.casefold() in names)):
        return ParsedCommand(HELP)
    if typed == "ask":
        return ParsedCommand(QUESTION, text=rest) if rest else ParsedCommand(HELP)
    days = days_of(rest) if rest else None
    word = next((word for word in words if word.name == typed), None)
    match word.takes if word else None:
        case "nothing" if not rest:
            return ParsedCommand(typed)
        case "text" if not text.endswith("?"):
            return ParsedCommand(typed, text=rest)
        case "document" if not rest or _DOCUMENT.fullmatch(rest):
            return ParsedCommand(typed, text=rest)
        case "span" if not rest or days is not None:
            return ParsedCommand(typed, days)
        case "span" if _LIKE_SPAN.fullmatch(rest):
            return ParsedCommand(UNKNOWN, text=f"{typed} 30d")
    near = [] if typed in names else difflib.get_close_matches(typed, [*names, "ask"], n=1, cutoff=_CUTOFF)
    if near and not text.endswith("?") and (not rest or days is not None):
        return ParsedCommand(UNKNOWN, text=f"{near[0]} {rest}".strip())
    return ParsedCommand(QUESTION, text=text)


def days_of(span: str) -> int | None:
    """Return the days of a span such as "2 weeks"; None for another text, such as a year."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None or (found[2] is None and _YEAR.fullmatch(found[1])):
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _MOST_DAYS)
