"""Results of an ingest: the status of each document, and messages on the changes in new versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from bot.errors import UnknownDocument
from bot.slack.access.channel_data import ChannelData
from bot.slack.blocks.documents import changes_message
from bot.slack.blocks.elements import Message
from bot.slack.blocks.library import FileStatus, coming_entries, document_words
from bot.slack.blocks.messages import without_operator_steps
from ingest.report import FileOutcome
from store.audiences import Audience

# Documents of an upload whose changes are posted.
_MOST_CHANGES = 5


def document_statuses(
    outcomes: Sequence[FileOutcome], audience: Audience, channel_data: Callable[[Audience], ChannelData]
) -> list[FileStatus]:
    """Return the status of each document that was ingested for `audience`. Blocks."""
    data = channel_data(audience)
    today = data.today()
    # An empty library cannot be read.
    readable = any(outcome.status != "failed" for outcome in outcomes)
    register, documents = (data.register(today), data.documents()) if readable else ([], [])
    statuses = []
    for outcome in outcomes:
        source = outcome.source
        if outcome.status == "failed":
            why = without_operator_steps(outcome.error or "")
            statuses.append(FileStatus(source, "failed", f"is not added: {why}"))
            continue
        own = (each for each in documents if each.source == source and each.audience == audience)
        document = next(own, None)
        version = document.version if document else 1
        statuses.append(
            FileStatus(
                source,
                "done",
                document_words(outcome.status, version, outcome.sections, outcome.events),
                document,
                coming_entries(register, source, today),
                tuple(outcome.notes),
                outcome.status == "changed",
            )
        )
    return statuses


def change_messages(statuses: Sequence[FileStatus], data: ChannelData) -> list[tuple[Message, str]]:
    """Return the changes in each document that has a new version, with its source. Blocks."""
    changed = [each.document for each in statuses if each.stage == "done" and each.changed and each.document]
    found = []
    for document in changed[:_MOST_CHANGES]:
        with suppress(UnknownDocument):  # removed meanwhile
            found.append((changes_message(data.changes(document.id)), document.source))
    return found
