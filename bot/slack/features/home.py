"""The app's own pages: the Home tab, published when it has changed, and a greeting where a conversation is opened."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from bot.locales import _, and_more, joined, ngettext, quoted
from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.digest import newest_document
from bot.register.repository import ListedCorrection
from bot.register.versions import grouped
from bot.register.wording import day, entry_citer, postponements, title
from bot.slack.core.access import PRESS_COST
from bot.slack.core.errors import NotDone, explanation
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press, installed_team
from bot.slack.core.people import SlackCache, is_called_public
from bot.slack.core.receiving import Routes, acknowledge_then_start
from bot.slack.core.sending.clients import FAILURES, error_code
from bot.slack.core.sending.posting import Refused, Undelivered
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.documents import document_blocks, newest_first
from bot.slack.core.ui.elements import (
    Block,
    Message,
    actions,
    button,
    context,
    header,
    one_line,
    pack_lines,
    plain_message,
    section,
)
from bot.slack.core.ui.entry_lines import entry_item, user_or_name
from bot.slack.core.ui.forms import modal
from bot.slack.core.ui.messages import ABOUT_ME, ASK, SEND_REPORT, all_dates_button, hello
from bot.slack.core.ui.mrkdwn import escape_short, shorten, to_plain_text
from bot.slack.manifest import is_agent
from store.audiences import of_channel
from store.errors import StoreError
from store.jobs import SlackMessage
from store.records import EVERYBODY, Document, Hit

HOME, HOME_PAGE, HOME_LIBRARY = "home", "home_page", "home_library"

# With what the person has, these stay below Slack's 100 blocks.
_MOST_DEADLINES = 10
_PAGE_DOCUMENTS = 20
_MOST_CORRECTIONS = 5
_MOST_QUESTIONS = 7
_LINE_CHARS = 300
_TITLE_CHARS = 110

_LOG = logging.getLogger(__name__)
_WEEK_SECONDS = 7 * 24 * 3600.0
# Slack shows about a line of a prompt's title.
_PROMPT_CHARS = 70
# Slack takes four.
_MOST_PROMPTS = 4
# A name in a question.
_NAME_CHARS = 120
# The type of a channel among what a person looks at.
_CHANNEL = "slack#/types/channel_id"
Prompt = dict[str, str]


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

    `failed` are blocks that say what went wrong with a press. `keeps_library`: the person may add documents.
    """

    as_of: date
    register: Sequence[RegisterEntry]
    documents: Sequence[Document]
    own: Sequence[Block] = ()
    failed: Sequence[Block] = ()
    keeps_library: bool = False


def home_view(home: Home, page: int = 0) -> Block:
    """Return the Home tab with a page of documents, counted from 0; a page that does not exist is the last one."""
    buttons = [button(_("What do you keep about me?"), ABOUT_ME, ABOUT_ME)]
    if home.keeps_library:
        buttons.append(button(_("Keeping the library"), HOME_LIBRARY, HOME_LIBRARY))
    blocks = [
        *home.failed,
        *_dates(home),
        header(_("Yours")),
        *home.own,
        *_documents(home.documents, page),
        actions(*buttons),
    ]
    return _view(blocks, page)


def home_message(message: Message) -> Block:
    """Return a Home tab that is one message."""
    return _view(message.blocks, 0)


def page_of(view: Mapping[str, Any]) -> int:
    """Return the page that a published Home tab shows; 0 for one of which that is not known."""
    return int(_metadata(view).get("page", 0))


def is_same(view: Mapping[str, Any], published: Mapping[str, Any]) -> bool:
    """Whether a Home tab is as it was published; Slack sends blocks changed, so their hash is compared."""
    return bool(_metadata(published)) and _metadata(view) == _metadata(published)


def greeting(by_model: bool, suggests: bool) -> Message:
    """Return the message in a conversation that was opened.

    `by_model`: a language model writes answers. `suggests`: Slack shows questions to choose from.
    """
    said = _(
        "{hello}, from ITU's own reports, and name the paragraph behind every sentence. Each answer says which "
        "documents it was checked against; what they do not say, I do not know.",
        hello=hello(),
    )
    written = _("A language model writes the answers; each sentence is checked against its source.")
    invitation = _("Ask me, or choose a question below.") if suggests else _("Ask me.")
    return plain_message(joined(said, written if by_model else "", invitation))


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


def _dates(home: Home) -> list[Block]:
    shown = agenda(home.register, home.as_of)
    coming = [*shown.now, *shown.upcoming]
    cite = entry_citer(coming[:_MOST_DEADLINES])
    lines = []
    for entry in coming[:_MOST_DEADLINES]:
        moved = escape_short(postponements(entry, home.register), _LINE_CHARS)
        lines += [entry_item(entry, home.as_of, cite(entry)), *([f"_{moved}_"] if moved else [])]
    lines = [*lines, *and_more(len(coming) - _MOST_DEADLINES)] or [_("No upcoming dates.")]
    buttons = [
        button(_("Ask a question"), ASK, "ask"),
        all_dates_button(),
        button(_("Send me a calendar file"), f"{SEND_REPORT}_calendar", "calendar"),
    ]
    return [header(_("Coming dates")), *map(section, pack_lines(lines)), actions(*buttons)]


def _documents(documents: Sequence[Document], page: int) -> list[Block]:
    groups = grouped(newest_first(documents))
    pages = max(-(-len(groups) // _PAGE_DOCUMENTS), 1)
    page = min(max(page, 0), pages - 1)
    first = page * _PAGE_DOCUMENTS
    blocks = [header(_("Documents")), *document_blocks(groups[first : first + _PAGE_DOCUMENTS])]
    if not documents:
        blocks.append(section(_("There are no documents yet.")))
    if pages > 1:
        turns = [button(_("Previous"), f"{HOME_PAGE}_previous", str(page - 1))] if page else []
        turns += [button(_("Next"), f"{HOME_PAGE}_next", str(page + 1))] if page < pages - 1 else []
        blocks += [context(_("Page {page} of {pages}", page=page + 1, pages=pages)), actions(*turns)]
    return blocks


def library_view(library: LibraryPart) -> Block:
    """Return the window for those who keep the library: how, what was corrected, and what was not answered."""
    how_to_add = _(
        "Send me a file under *Messages*, mention me beside a file in a channel, or choose *Add to the library* among "
        "a message's shortcuts. A file from a public channel is for everybody, any other for its conversation, unless "
        "you write the line “for everybody” beside it. A file of the same name is a new version."
    )
    blocks: list[Block] = [section(how_to_add), section(_week(library))]
    lines = [f"• {_correction(listed)}" for listed in library.corrections[:_MOST_CORRECTIONS]]
    lines += and_more(len(library.corrections) - _MOST_CORRECTIONS)
    if lines:
        blocks.append(section("\n".join([_("*Corrections of the register*"), *lines])))
    return modal("library", _("Keeping the library"), blocks)


def _correction(listed: ListedCorrection) -> str:
    return _(
        "*{title}* by {person}, {day}",
        title=escape_short(listed.title, _TITLE_CHARS),
        person=user_or_name(listed.correction.by),
        day=day(listed.correction.at.date()),
    )


def _week(library: LibraryPart) -> str:
    """Return what the documents did not answer within a week, and the votes on answers."""
    lines = [_("*Not answered by the documents, last 7 days*")]
    lines += ["• " + quoted(escape_short(text, _LINE_CHARS)) for text in library.unanswered[:_MOST_QUESTIONS]]
    left = len(library.unanswered) - _MOST_QUESTIONS
    if left > 0:
        lines.append(
            ngettext("… and {count} more in public channels", "… and {count} more in public channels", left)
        )
    if library.hidden:
        lines.append(
            ngettext(
                "{count} question in private conversations, not shown here",
                "{count} questions in private conversations, not shown here",
                library.hidden,
            )
        )
    if len(lines) == 1:
        lines.append(_("Nothing: each question had an answer."))
    votes = _(
        "*Votes on answers, last 7 days*: {good_votes}, {bad_votes}",
        good_votes=ngettext("{count} good vote", "{count} good votes", library.good_votes),
        bad_votes=ngettext("{count} bad vote", "{count} bad votes", library.bad_votes),
    )
    return "\n".join([*lines, votes])


def prompts(
    register: Sequence[RegisterEntry],
    documents: Sequence[Document],
    today: date,
    about: Sequence[Hit] = (),
) -> list[Prompt]:
    """Return four questions: what is due, the next event, what changed, and a topic of the newest document.

    `about` are the sections about what the person looks at: the event and the topic are theirs, if they have one.
    """
    sections = {(hit.document.source, hit.section.number) for hit in about}
    upcoming = agenda(register, today).upcoming
    coming = [entry for entry in upcoming if not sections.isdisjoint(_sections(entry))] or upcoming
    questions = [_("What is due in the next 30 days?")]
    if coming:
        questions.append(_("When is {event}?", event=shorten(title(coming[0]), _NAME_CHARS)))
    changed = [document for document in documents if document.version > 1]
    if newest_change := newest_document(changed):
        questions.append(_("What changed in {document}?", document=shorten(newest_change.title, _NAME_CHARS)))
    if topic := _topic_of(about) or _most_dated_topic(register, documents):
        questions.append(_("Summarise the work on {topic}", topic=shorten(topic, _NAME_CHARS)))
    # Where the register has too little.
    questions += [
        _("What was postponed or cancelled?"),
        _("What happens this year?"),
        _("What can you do?"),
    ]
    return [
        {"title": shorten(question, _PROMPT_CHARS), "message": question}
        for question in questions[:_MOST_PROMPTS]
    ]


def _sections(entry: RegisterEntry) -> set[tuple[str, str]]:
    return {(mention.source, mention.section) for mention in entry.mentions}


def _topic_of(about: Sequence[Hit]) -> str | None:
    """Return the heading of the best section of the newest document among these."""
    newest = newest_document(hit.document for hit in about)
    own = (hit.section.heading for hit in about if newest is None or hit.document == newest)
    return next(filter(None, own), None)


def _most_dated_topic(register: Sequence[RegisterEntry], documents: Sequence[Document]) -> str | None:
    """Return the heading below which the newest document has the most dated events; of equals, the first one."""
    newest = newest_document(documents)
    mentions = (mention for entry in register for mention in entry.mentions)
    headings = Counter(
        mention.heading
        for mention in mentions
        if newest and mention.heading and mention.source == newest.source
    )
    return next((heading for heading, _ in headings.most_common(1)), None)


def viewed_channel(event: Mapping[str, Any]) -> str | None:
    """Return the channel that a person looks at beside the direct messages with the bot; None if it is none.

    Slack says so of agents (https://docs.slack.dev/reference/events/app_context_changed). Direct messages with others
    have no topic.
    """
    entities = (event.get("context") or {}).get("entities") or ()
    viewed = (str(entity["value"]) for entity in entities if entity.get("type") == _CHANNEL)
    return next((channel for channel in viewed if not channel.startswith("D")), None)


def opened_conversation(body: Mapping[str, Any]) -> SlackMessage:
    """Return a stand-in for the message of a person who opened the direct messages with the bot, or looks elsewhere."""
    event = body["event"]
    ts = str(event.get("event_ts") or "")
    # In older events the time has no point.
    ts = ts if "." in ts else f"{ts[:10]}.{ts[10:]}"
    return SlackMessage(installed_team(body), event["channel"], ts, "", event["user"], "")


class HomeTab(Feature):
    """Shows the app's own pages: the Home tab, and a greeting with suggested questions among the messages.

    Those who may correct the register keep the library. What other features have of a person is in the tab too.
    """

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        # Whether a channel is public.
        self._public = SlackCache()

    def add_routes(self, routes: Routes) -> None:
        """Route what people open, the buttons that turn the page, and the one of those who keep the library."""
        routes.event("app_home_opened", self.opened)
        routes.event("app_context_changed", self.looked_elsewhere)
        routes.action(re.compile(f"^{HOME_PAGE}_"), acknowledge_then_start(self.turn_page))
        routes.press(HOME_LIBRARY, self.show_library)
        routes.show_in_home = self._show_press

    async def opened(self, body: dict[str, Any]) -> None:
        """Start publishing the Home tab for whoever opens it, and greeting whoever opens a conversation."""
        event = body["event"]
        if event.get("tab") == "home":
            published, key = event.get("view") or {}, str(body.get("event_id"))
            # Once the budget is spent, the page stays as it is, as nothing can be said there.
            if not self._services.budget.charge(event["user"], key, PRESS_COST):
                self._services.tasks.start(self._publish(event["user"], page_of(published), published))
        elif event.get("tab") == "messages":
            self._services.tasks.start(self._greet(opened_conversation(body), viewed_channel(event)))

    async def looked_elsewhere(self, body: dict[str, Any]) -> None:
        """Start suggesting questions about the channel that a person looks at now, beside their conversation."""
        event = body["event"]
        # Slack's types have the person and their conversation, and the example of its reference has neither.
        if event.get("user") and event.get("channel"):
            self._services.tasks.start(self._suggest(opened_conversation(body), viewed_channel(event)))

    def _show_press(self, press: Press, failure: Message | None) -> None:
        """Start publishing the page of a press, headed by what went wrong."""
        failed = failure.blocks if failure else ()
        self._services.tasks.start(self._publish(press.user, page_of(press.view), failed=failed))

    def turn_page(self, press: Press) -> None:
        """Start publishing the page of documents that a button names."""
        self._services.tasks.start(self._publish(press.user, int(press.value)))

    async def _publish(
        self,
        user: str,
        page: int,
        published: Mapping[str, Any] | None = None,
        failed: Sequence[Block] = (),
    ) -> None:
        """Publish the tab, unless it is as it was `published`."""
        view = await self._view(user, page, failed)
        if published is not None and is_same(view, published):
            return
        try:
            await self._services.clients.retrying.views_publish(user_id=user, view=view)
        except FAILURES as error:
            _LOG.warning("a Home tab was not published: %s", error_code(error))

    async def _view(self, user: str, page: int, failed: Sequence[Block]) -> dict[str, Any]:
        refusal = await self._services.admission.refusal(user)
        if refusal is not None:
            return home_message(one_line(refusal))
        try:
            own = [block for feature in self._services.features for block in await feature.home_blocks(user)]
            keeps = await self._services.library_users.may(user)
            home = await asyncio.to_thread(self._read)
            return home_view(replace(home, own=own, failed=failed, keeps_library=keeps), page)
        except Exception as error:
            return home_message(explanation(error, "the Home tab"))

    async def show_library(self, press: Press) -> None:
        """Open the window for those who keep the library. Raises NotDone, StoreError."""
        await self._services.open_window(press.trigger, self._library(press.user))

    async def _library(self, user: str) -> Block:
        # Checked again: the person may have lost the right since the button was shown.
        if line := await self._services.library_users.refusal(user, _("add documents")):
            raise NotDone(one_line(line))
        store = self._services.question_store
        corrections = await asyncio.to_thread(lambda: self._services.channel_data(EVERYBODY).corrections())
        unanswered = await asyncio.to_thread(store.unanswered, newer_than=_WEEK_SECONDS)
        votes = await asyncio.to_thread(store.votes, _WEEK_SECONDS)
        # What was asked in private stays there, also from those who keep the library.
        asked = [question.message for question in unanswered if not question.private]
        public = {name for name in {message.channel for message in asked} if await self._is_public(name)}
        shown = [message.text for message in asked if message.channel in public]
        good = sum(vote.vote == "good" for vote in votes)
        hidden = len(unanswered) - len(shown)
        return library_view(LibraryPart(corrections, shown, hidden, good, len(votes) - good))

    async def _is_public(self, channel: str) -> bool:
        try:
            return await self._public.get(
                channel, partial(is_called_public, self._services.clients.retrying, channel)
            )
        except FAILURES:
            return False  # If in doubt, it is private.

    def _read(self) -> Home:
        """Return what everybody may see. Raises NoStore."""
        data = self._services.channel_data(EVERYBODY)
        today = data.today()
        return Home(today, data.register(today), data.documents())

    async def _greet(self, opening: SlackMessage, viewed: str | None) -> None:
        """Greet where there was no greeting yet, and suggest questions each time."""
        services, channel = self._services, opening.channel
        if await services.admission.refusal(opening.user, channel) is not None:
            return
        try:
            suggested = await self._prompts(opening, viewed)
            greeted = f"greeting/{opening.team}/{channel}/"
            if await asyncio.to_thread(services.question_store.claim_once, greeted):
                settings = services.options.settings
                message = greeting(bool(settings.model), is_agent(settings))
                posted = await services.poster.post(opening, message, "/greeting")
                await services.name_conversation(posted, message)
        except (StoreError, Refused, Undelivered) as error:
            _LOG.warning("the greeting was not posted: %s", error)
        else:
            await self._set_prompts(channel, suggested)

    async def _suggest(self, opening: SlackMessage, viewed: str | None) -> None:
        """Suggest questions about the channel that a person looks at now."""
        if await self._services.admission.refusal(opening.user, opening.channel) is not None:
            return
        try:
            await self._set_prompts(opening.channel, await self._prompts(opening, viewed))
        except StoreError as error:
            _LOG.info("no prompts are suggested: %s", error)

    async def _set_prompts(self, channel: str, suggested: list[Prompt]) -> None:
        if not is_agent(self._services.options.settings):
            return
        try:
            # In the agent view, a call with a thread has no effect and no error
            # (docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts).
            await self._services.clients.retrying.assistant_threads_setSuggestedPrompts(
                channel_id=channel, title=_("For example:"), prompts=suggested
            )
        except FAILURES as error:
            _LOG.info("no prompts are suggested: %s", error_code(error))

    async def _prompts(self, opening: SlackMessage, viewed: str | None) -> list[Prompt]:
        """Return prompts of what the direct messages of `opening` may see, whatever is looked at. Raises StoreError."""
        topic = await self._topic(viewed) if viewed else ""

        def read() -> list[Prompt]:
            data = self._services.channel_data(of_channel(opening.team, opening.channel))
            today = data.today()
            about = data.about(topic) if topic else ()
            return prompts(data.register(today), data.documents(), today, about)

        return await asyncio.to_thread(read)

    async def _topic(self, channel: str) -> str:
        """Return the name, topic and purpose of a channel; "" where Slack does not say them."""
        try:
            info = await self._services.people.cache.channel(self._services.clients.unretried, channel)
        except FAILURES as error:
            _LOG.info("the topic of a channel is not known: %s", error_code(error))
            return ""
        stated = (str((info.get(part) or {}).get("value") or "") for part in ("topic", "purpose"))
        return to_plain_text(" ".join([str(info.get("name") or ""), *stated])).strip()
