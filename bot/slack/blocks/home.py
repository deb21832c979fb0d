"""The Home tab: the next deadlines, the documents, what changed last, and what the library's people need. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.changes import Changes
from bot.changes.wording import compared_words, counts_words, date_words
from bot.plural import and_more, counted
from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.date_format import day
from bot.register.entry_text import entry_citer, postponements
from bot.register.repository import ListedCorrection
from bot.slack.blocks.documents import document_line, newest_first
from bot.slack.blocks.elements import Block, Message, actions, button, context, header, pack_lines, section
from bot.slack.blocks.entry_lines import entry_item, user_or_name
from bot.slack.blocks.mrkdwn import escape_short
from store.records import Document

HOME = "home"
HOME_PAGE, HOME_ASK, HOME_SEND = "home_page", "home_ask", "home_send"

# With what the person has, these stay below Slack's 100 blocks.
_MOST_DEADLINES = 10
_PAGE_DOCUMENTS = 20
_MOST_DATES = 5
_MOST_CORRECTIONS = 5
_MOST_QUESTIONS = 7
_LINE_CHARS = 300
_TITLE_CHARS = 110
_HOW_TO_ADD = (
    "Send me a file under *Messages*, mention me beside a file in a channel, or choose *Add to the library* among a "
    "message's shortcuts. A file from a public channel is for everybody, any other for its conversation, unless you "
    "write the line “for everybody” beside it. A file of the same name is a new version."
)


@dataclass(frozen=True, slots=True)
class LibraryPart:
    """What only the people who keep the library see: of the last week, except for `corrections`, the latest first.

    `unanswered` are questions that everybody could read, `hidden` counts those of private conversations.
    """

    corrections: Sequence[ListedCorrection] = ()
    unanswered: Sequence[str] = ()
    hidden: int = 0
    good_votes: int = 0
    bad_votes: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """What a Home tab shows: of documents that everybody may see, and `own` blocks of the person.

    `failed` are blocks that say what went wrong with a press.

    `changes` are the last ones of a document, None without documents. `library` is None for most people.
    """

    as_of: date
    register: Sequence[RegisterEntry]
    documents: Sequence[Document]
    changes: Changes | None
    own: Sequence[Block] = ()
    failed: Sequence[Block] = ()
    library: LibraryPart | None = None


def home_view(home: Home, page: int = 0) -> Block:
    """Return the Home tab with a page of documents, counted from 0; a page that does not exist is the last one."""
    blocks = [
        *home.failed,
        *_deadlines(home),
        *home.own,
        *_documents(home.documents, page),
        *_changes(home.changes),
        *(_library(home.library) if home.library else ()),
    ]
    return _view(blocks, page)


def home_message(message: Message) -> Block:
    """Return a Home tab that is one message."""
    return _view(message.blocks, 0)


def page_of(view: Mapping[str, Any]) -> int:
    """Return the page that a published Home tab shows; 0 for one of which that is not known."""
    return int(_metadata(view).get("page", 0))


def is_same(view: Mapping[str, Any], published: Mapping[str, Any]) -> bool:
    """Return whether a Home tab is as it was published; Slack sends blocks changed, so their hash is compared."""
    return bool(_metadata(published)) and _metadata(view) == _metadata(published)


def _view(blocks: Sequence[Block], page: int) -> Block:
    content = hashlib.sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()
    return {
        "type": "home",
        "callback_id": HOME,
        "private_metadata": json.dumps({"page": page, "content": content}),
        "blocks": list(blocks),
    }


def _metadata(view: Mapping[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(view.get("private_metadata") or "{}")
    return metadata


def _deadlines(home: Home) -> list[Block]:
    shown = agenda(home.register, home.as_of)
    coming = [*shown.now, *shown.upcoming]
    cite = entry_citer(coming[:_MOST_DEADLINES])
    blocks: list[Block] = [header("Upcoming deadlines and dates")]
    for entry in coming[:_MOST_DEADLINES]:
        moved = escape_short(postponements(entry, home.register), _LINE_CHARS)
        note = f"\n_{moved}_" if moved else ""
        blocks.append(section(f"{entry_item(entry, home.as_of, cite(entry))}{note}"))
    if not coming:
        blocks.append(section("No upcoming dates."))
    blocks += map(context, and_more(len(coming) - _MOST_DEADLINES))
    buttons = [
        button("Ask a question", HOME_ASK, "ask"),
        button("All deadlines", f"{HOME_SEND}_deadlines", "deadlines"),
        button("Calendar file", f"{HOME_SEND}_calendar", "calendar"),
    ]
    return [*blocks, actions(*buttons), context("The list and the file come under *Messages*.")]


def _documents(documents: Sequence[Document], page: int) -> list[Block]:
    pages = max(-(-len(documents) // _PAGE_DOCUMENTS), 1)
    page = min(max(page, 0), pages - 1)
    first = page * _PAGE_DOCUMENTS
    lines = [document_line(each) for each in newest_first(documents)[first : first + _PAGE_DOCUMENTS]]
    blocks: list[Block] = [header("Documents"), *(section(text) for text in pack_lines(lines))]
    if not documents:
        blocks.append(section("There are no documents yet."))
    if pages > 1:
        turns = [button("Previous", f"{HOME_PAGE}_previous", str(page - 1))] if page else []
        turns += [button("Next", f"{HOME_PAGE}_next", str(page + 1))] if page < pages - 1 else []
        blocks += [context(f"Page {page + 1} of {pages}"), actions(*turns)]
    return blocks


def _changes(changes: Changes | None) -> list[Block]:
    if not changes or changes.before is None:
        return []
    title = escape_short(changes.after.title or changes.after.source, _TITLE_CHARS)
    versions, counts = (
        escape_short(compared_words(changes), _LINE_CHARS),
        escape_short(counts_words(changes), _LINE_CHARS),
    )
    dates = [
        f"• *{escape_short(change.entry.title, _TITLE_CHARS)}* {escape_short(date_words(change), _LINE_CHARS)}"
        for change in changes.dates[:_MOST_DATES]
    ]
    return [header("What changed last"), section("\n".join([f"*{title}*", versions, counts, *dates]))]


def _library(library: LibraryPart) -> list[Block]:
    blocks: list[Block] = [header("Keeping the library"), section(_HOW_TO_ADD), section(_week(library))]
    lines = [
        f"• *{escape_short(one.title, _TITLE_CHARS)}* by {user_or_name(one.correction.by)}, "
        f"{day(one.correction.at.date())}"
        for one in library.corrections[:_MOST_CORRECTIONS]
    ]
    lines += and_more(len(library.corrections) - _MOST_CORRECTIONS)
    if lines:
        blocks.append(section("\n".join(["*Corrections of the register*", *lines])))
    return blocks


def _week(library: LibraryPart) -> str:
    """Return what the documents did not answer within a week, and the votes on answers."""
    lines = ["*Not answered by the documents, last 7 days*"]
    lines += [f"• “{escape_short(text, _LINE_CHARS)}”" for text in library.unanswered[:_MOST_QUESTIONS]]
    lines += and_more(len(library.unanswered) - _MOST_QUESTIONS, " in public channels")
    if library.hidden:
        lines.append(f"{counted(library.hidden, 'question')} in private conversations, not shown here")
    if len(lines) == 1:
        lines.append("Nothing: each question had an answer.")
    votes = f"{counted(library.good_votes, 'good vote')}, {counted(library.bad_votes, 'bad vote')}"
    return "\n".join([*lines, f"*Votes on answers, last 7 days*: {votes}"])
