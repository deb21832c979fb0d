"""Task cards of an answer that a model writes: what was searched, checked and replaced. Pure.

They are chunks of a stream (docs.slack.dev/reference/methods/chat.appendStream): a card with the id of a former one
replaces its title and status.
"""

from __future__ import annotations

from slack_sdk.models.messages.chunk import TaskUpdateChunk

from bot.answers import Progress
from bot.plural import counted
from bot.slack.blocks.elements import Block


def task_cards(progress: Progress, *, ended: bool = False) -> tuple[Block, ...]:
    """Return the cards of an answer in progress; `ended`: no more sentences come."""
    cards = [_card("search", f"Searched {counted(progress.documents, 'document')}")]
    checked = (
        f"{counted(progress.checked, 'sentence')} checked" if progress.checked else "Checking each sentence"
    )
    cards.append(_card("check", checked, "complete" if ended else "in_progress"))
    if progress.replaced:
        cards.append(_card("replace", f"{progress.replaced} replaced by the document's own words"))
    if progress.left_out:
        cards.append(_card("leave out", f"{progress.left_out} left out"))
    return tuple(cards)


def _card(task: str, title: str, status: str = "complete") -> Block:
    return dict(TaskUpdateChunk(id=task, title=title, status=status).to_dict())
