"""The slash command: the words that features give it, and how what somebody typed is read. Pure.

parse_command("deadlines 2 weeks", words)
# ParsedCommand("deadlines", days=14)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.slack.core.payloads import installed_team, now_in_slack
from bot.slack.core.ui.mrkdwn import to_plain_text
from store.audiences import Audience, of_channel
from store.jobs import SlackMessage

# Words that no feature has: a question, and the list of words. "ask" may come before a question.
QUESTION, HELP = "question", "help"

# Days: ten years.
_MOST_DAYS = 3_650
_UNITS = {"d": 1.0, "w": 7.0, "m": 365 / 12, "y": 365.0}
_SPAN = re.compile(
    r"(?:(?:in|within|for|over)\s+)?(?:the\s+)?(?:next\s+)?(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class CommandWord:
    """A word of the slash command.

    `takes` is what may follow it, `what` its line in the list of words (a message). A "report" is shown to the user and
    can be shared. A "file" is sent as a direct message. A "reply" is for the user alone, and a "window" opens. A
    "change" of what is stored outlives the bot that begins it, and so does a "job", whose reply comes later.
    """

    name: str
    kind: Literal["report", "file", "reply", "window", "change", "job"]
    what: str
    takes: Literal["nothing", "span", "text"] = "nothing"


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command with its arguments. `days` is how far to look ahead; None: as far as the documents go.

    `text` is the question of a "question", and what follows a word that takes a text.
    """

    name: str
    days: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command; `key` is the same for each delivery of it.

    `message` is the command as a message in its channel.
    """

    key: str
    name: str
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
    text = f"{name} {to_plain_text(typed)}"
    return SlashCommand(
        key=str(body["trigger_id"]),
        name=name,
        request=parse_command(typed, words),
        message=SlackMessage(installed_team(body), channel, now_in_slack(), "", user, text),
        response_url=body["response_url"],
    )


def parse_command(typed: str, words: Sequence[CommandWord]) -> ParsedCommand:
    """Return the command that was typed.

    A word alone or with what it takes, such as "30d" or "2 weeks", is a command; all else is a question.
    """
    text = " ".join(to_plain_text(typed).split())
    first, _, rest = text.partition(" ")
    name = first.casefold().rstrip(".,:;!")
    if not text or (name == HELP and (not rest or rest.casefold() in {word.name for word in words})):
        return ParsedCommand(HELP)
    if name == "ask":
        return ParsedCommand(QUESTION, text=rest) if rest else ParsedCommand(HELP)
    days = days_of(rest) if rest else None
    word = next((word for word in words if word.name == name), None)
    match word.takes if word else None:
        case "nothing" if not rest:
            return ParsedCommand(name)
        case "text" if not text.endswith("?"):
            return ParsedCommand(name, text=rest)
        case "span" if not rest or days is not None:
            return ParsedCommand(name, days)
    return ParsedCommand(QUESTION, text=text)


def days_of(span: str) -> int | None:
    """Return the days of a span such as "2 weeks"; None for another text, such as a year."""
    found = _SPAN.fullmatch(span.strip().rstrip("."))
    if found is None or (found[2] is None and _YEAR.fullmatch(found[1])):
        return None
    return min(round(int(found[1]) * _UNITS[(found[2] or "d")[0].lower()]), _MOST_DAYS)
