"""What an agent of Slack shows: a greeting, suggested questions, the status below a thread, and task cards. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from slack_sdk.models.messages.chunk import TaskUpdateChunk

from bot.answers import Progress
from bot.plural import counted
from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.digest import newest_document
from bot.slack.blocks.elements import Block, plain_message
from bot.slack.blocks.mrkdwn import shorten
from store.records import Document

# The greeting begins with it; it is no turn of the conversation.
HELLO = "Hello! I answer questions about ITU's engagement in United Nations processes"
GREETING = plain_message(
    f"{HELLO}, from ITU's own reports, and name the paragraph behind every sentence. Each answer says which "
    "documents it was checked against; what they do not say, I do not know. Ask me, or choose a question below."
)
PROMPTS_TITLE = "For example:"
# Slack takes four.
_MOST_PROMPTS = 4
# Slack shows about a line of a prompt's title.
_TITLE_CHARS = 70
# A name in a question.
_NAME_CHARS = 120

Prompt = dict[str, str]


def prompts(register: Sequence[RegisterEntry], documents: Sequence[Document], today: date) -> list[Prompt]:
    """Return four questions: what is due next, what changed, and a topic of the newest document."""
    coming = agenda(register, today).upcoming
    questions = ["What is due in the next 30 days?"]
    if coming:
        questions.append(f"When is {shorten(coming[0].title, _NAME_CHARS)}?")
    changed = [document for document in documents if document.version > 1]
    if newest_change := newest_document(changed):
        questions.append(f"What changed in {shorten(newest_change.title, _NAME_CHARS)}?")
    newest = newest_document(documents)
    if newest is not None and (topic := _topic(register, newest)):
        questions.append(f"Summarise the work on {shorten(topic, _NAME_CHARS)}")
    # Where the register has too little.
    questions += ["What was postponed or cancelled?", "What happens this year?", "What can you do?"]
    return [
        {"title": shorten(question, _TITLE_CHARS), "message": question}
        for question in questions[:_MOST_PROMPTS]
    ]


def _topic(register: Sequence[RegisterEntry], document: Document) -> str | None:
    """Return the heading below which a document has the most dated events; of equals, the first one."""
    mentions = (mention for entry in register for mention in entry.mentions)
    headings = Counter(
        mention.heading for mention in mentions if mention.heading and mention.source == document.source
    )
    return next((heading for heading, _ in headings.most_common(1)), None)


# Slack puts the app's name before it.
WORKING = "is working on your question…"
# Slack shows one after the other, at most ten.
LOADING = (
    "Searching the documents…",
    "Reading the paragraphs that were found…",
    "Looking for the newest statement…",
    "Checking each sentence against its source…",
)
# Slack allows 200 characters; lists of conversations show fewer.
_CONVERSATION_CHARS = 80
_ID = re.compile(r"<[@#!][^<>]*>")


def title(question: str) -> str:
    """Return the title of a conversation that begins with this question, without the ids that it mentions."""
    return shorten(_ID.sub("", question), _CONVERSATION_CHARS)


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
