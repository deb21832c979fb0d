"""The status message of an upload: how far each file is, and what was found in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.locales import _, and_more, commas, joined, ngettext
from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.wording import document_date, section_mark
from bot.slack.core.payloads import SHARE_WITH_EVERYBODY
from bot.slack.core.ui.elements import Message, actions, button, context, fitting, pack_lines, section
from bot.slack.core.ui.entry_lines import entry_item
from bot.slack.core.ui.mrkdwn import escape_short
from store.records import Document

Stage = Literal["working", "done", "failed"]

_MARKS = {"working": ":hourglass_flowing_sand:", "done": ":white_check_mark:", "failed": ":warning:"}
_NAME_CHARS = 120
_REMARK_CHARS = 400
# All files in a message's 13,000.
_FILES_CHARS = 9_000
# Blocks of a message are 50.
_MOST_FILES = 40
# Upcoming dates of a single document, and of each of several.
_MOST_DATES = 5
_MOST_DATES_OF_SEVERAL = 2
_MOST_NOTES = 4


@dataclass(frozen=True, slots=True)
class FileStatus:
    """How far one file, or one document of an archive, is, and what was found in it.

    `coming` are its dates from today on; `notes` are sentences on how it was read; `changed`: it is a new version.
    """

    name: str
    stage: Stage
    text: str
    document: Document | None = None
    coming: tuple[RegisterEntry, ...] = ()
    notes: tuple[str, ...] = ()
    changed: bool = False


def progress_message(files: Sequence[FileStatus], step: str = "") -> Message:
    """Return how far each file is; `step` is what is being done to all of them."""
    return _message(_("Adding to the library"), [_head(file) for file in files], step)


def result_message(files: Sequence[FileStatus], as_of: date, command: str) -> Message:
    """Return what was found in each file, or why it is not in the library; `command` is the slash command's name."""
    added = _added(files)
    if files and added == len(files):
        title = _("In the library")
    elif added:
        title = _("{added} of {sent} in the library", added=added, sent=len(files))
    else:
        title = _("Not added to the library")
    most = _MOST_DATES if len(files) == 1 else _MOST_DATES_OF_SEVERAL
    return _message(title, [_found(file, as_of, most, command) for file in files])


def private_result_message(
    files: Sequence[FileStatus], as_of: date, command: str, share_value: str | None
) -> Message:
    """Return the same for documents that one conversation alone sees, with the button to share them with everybody.

    `share_value` is the button's value; None: it would be too long.
    """
    message = result_message(files, as_of, command)
    if not _added(files):
        return message
    used_here_only = _("What you sent is used only in this conversation.")
    if share_value is None:
        way = _("To let everybody have them, send them to me again, fewer at a time.")
        below = [context(joined(used_here_only, way))]
    else:
        below = [
            context(used_here_only),
            actions(button(_("Share with everyone"), SHARE_WITH_EVERYBODY, share_value)),
        ]
    return Message.of([*message.blocks, *below])


def document_words(status: str, version: int, sections: int, events: int) -> str:
    """Return what an ingest did with a document, and how many sections and dates it has."""
    found_sections = ngettext("{count} section", "{count} sections", sections)
    found_dates = ngettext("{count} date", "{count} dates", events)
    if status == "new":
        return _("is new here: {sections}, {dates}", sections=found_sections, dates=found_dates)
    if status == "changed":
        return _(
            "is here in version {version}: {sections}, {dates}",
            version=version,
            sections=found_sections,
            dates=found_dates,
        )
    return _(
        "was here already, and is unchanged: {sections}, {dates}", sections=found_sections, dates=found_dates
    )


def step_words(phase: str, done: int, total: int) -> str:
    """Return the present step of an ingest."""
    match phase:
        case "read":
            return _("Reading")
        case "events":
            return _("Finding the dates: {done} of {total}", done=done, total=total)
        case "label":
            return _("Reading the dates: {done} of {total}", done=done, total=total)
        case "embed":
            return _("Indexing the passages: {done} of {total}", done=done, total=total)
        case "publish":
            return _("Saving: {done} of {total}", done=done, total=total)
    return _("Saving")


def waiting_words(before: int) -> str:
    """Return how many other uploads come first."""
    return ngettext("Waiting: {count} other upload first", "Waiting: {count} other uploads first", before)


def coming_entries(register: Sequence[RegisterEntry], source: str, as_of: date) -> tuple[RegisterEntry, ...]:
    """Return a document's present and future entries, in reading order."""
    shown = agenda([entry for entry in register if source in entry.sources], as_of)
    return (*shown.now, *shown.upcoming, *shown.coarse)


def _added(files: Sequence[FileStatus]) -> int:
    return sum(file.stage == "done" for file in files)


def _message(title: str, texts: Sequence[str], step: str = "") -> Message:
    """Return a title and the text of each file, as many as fit, then the present step."""
    shown = fitting(texts[:_MOST_FILES], _FILES_CHARS, len)
    blocks = [section(part) for text in (f"*{title}*", *shown) for part in pack_lines(text.splitlines())]
    blocks += map(context, and_more(len(texts) - len(shown)))
    if step:
        blocks.append(context(escape_short(step, _REMARK_CHARS)))
    return Message.of(blocks)


def _head(file: FileStatus) -> str:
    return f"{_MARKS[file.stage]} *{escape_short(file.name, _NAME_CHARS)}* {escape_short(file.text, _REMARK_CHARS)}"


def _found(file: FileStatus, as_of: date, most: int, command: str) -> str:
    lines = [_head(file)]
    if file.document is not None:
        lines.append(_about(file.document))
    lines += [f"_{escape_short(note, _REMARK_CHARS)}_" for note in file.notes[:_MOST_NOTES]]
    if file.coming:
        lines.append(_("Coming up:"))
        lines += [entry_item(entry, as_of, section_mark(entry)) for entry in file.coming[:most]]
        lines += and_more(len(file.coming) - most, f": `{command} deadlines`")
    return "\n".join(lines)


def _about(document: Document) -> str:
    facts = [document.title, document.symbol or "", document_date(document)]
    return escape_short(commas(facts), _REMARK_CHARS)
