"""The app's own pages: the Home tab, its choices after the command, and a greeting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from bot.locales import _, and_more, joined, ngettext, quoted
from bot.register import RegisterEntry
from bot.register.agenda import agenda
from bot.register.versions import newest_document
from bot.register.wording import entry_citer, title
from bot.slack.core.access import PRESS_COST
from bot.slack.core.errors import NotDone, explanation
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press, installed_team
from bot.slack.core.people import SlackCache, is_called_public
from bot.slack.core.receiving import Routes
from bot.slack.core.sending.clients import FAILURES, error_code
from bot.slack.core.sending.posting import Refused, Undelivered
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import (
    Block,
    Message,
    actions,
    button,
    header,
    one_line,
    pack_lines,
    plain_message,
    section,
)
from bot.slack.core.ui.entry_lines import entry_item
from bot.slack.core.ui.forms import modal
from bot.slack.core.ui.messages import all_dates_button, hello
from bot.slack.core.ui.mrkdwn import escape_short, shorten
from bot.slack.manifest import is_agent
from store.audiences import of_channel
from store.errors import StoreError
from store.jobs import SlackMessage
from store.records import EVERYBODY, Document

HOME, CHOICES, HOME_LIBRARY = "home", "choices", "home_library"

# With what the person has, these stay below Slack's 100 blocks.
_MOST_DEADLINES = 10
_MOST_QUESTIONS = 7
_LINE_CHARS = 300

_LOG = logging.getLogger(__name__)
_WEEK_SECONDS = 7 * 24 * 3600.0
# Slack shows about a line of a prompt's title.
_PROMPT_CHARS = 70
# Slack takes four.
_MOST_PROMPTS = 4
# A name in a question.
_NAME_CHARS = 120


def home_view(
    register: Sequence[RegisterEntry],
    as_of: date,
    questions: Sequence[str],
    choices: Sequence[Block],
    failed: Sequence[Block] = (),
) -> Block:
    """Return the Home tab: a greeting with `questions` to try, the coming dates, and what a person can choose.

    `failed` are blocks that say what went wrong with a press.
    """
    tries = [_("Write to me under *Messages*, or mention me in a channel, for example:")]
    tries += [f"• {escape_short(question, _LINE_CHARS)}" for question in questions]
    greeting = section("\n".join([_("{hello}.", hello=hello()), *tries]))
    return _view([*failed, greeting, *choices, *_dates(register, as_of)])


def home_message(message: Message) -> Block:
    """Return a Home tab that is one message."""
    return _view(message.blocks)


def choices_view(choices: Sequence[Block], press: Press, failed: Sequence[Block] = ()) -> Block:
    """Return the window with what a person can choose in the conversation of a press."""
    return modal(
        CHOICES,
        _("What you can do"),
        [*failed, section(_("Type a question behind the command, or choose:")), *choices],
        known={"channel": press.channel, "response_url": press.response_url},
    )


def greeting(by_model: bool, suggests: bool) -> Message:
    """Return the message in a conversation that was opened.

    `by_model`: a language model writes answers. `suggests`: Slack shows questions to choose from.
    """
    said = _("{hello}, from ITU's own reports, and name the paragraph behind every sentence.", hello=hello())
    written = _("A language model writes the answers; each sentence is checked against its source.")
    invitation = _("Ask me, or choose a question below.") if suggests else _("Ask me.")
    return plain_message(joined(said, written if by_model else "", invitation))


def _view(blocks: Sequence[Block]) -> Block:
    return {"type": "home", "callback_id": HOME, "blocks": list(blocks)}


def _dates(register: Sequence[RegisterEntry], as_of: date) -> list[Block]:
    shown = agenda(register, as_of)
    coming = [*shown.now, *shown.upcoming]
    cite = entry_citer(coming[:_MOST_DEADLINES])
    lines = [entry_item(entry, as_of, cite(entry)) for entry in coming[:_MOST_DEADLINES]]
    lines = [*lines, *and_more(len(coming) - _MOST_DEADLINES)] or [_("No upcoming dates.")]
    return [header(_("Coming dates")), *map(section, pack_lines(lines)), actions(all_dates_button())]


def library_view(unanswered: Sequence[str], hidden: int) -> Block:
    """Return the window for those who keep the library: how, and what was not answered within a week.

    `unanswered` are questions that everybody could read, `hidden` counts those of private conversations.
    """
    how_to_add = _(
        "Send me a file under *Messages*, mention me beside a file in a channel, or choose *Add to the library* among "
        "a message's shortcuts. A file from a public channel is for everybody, any other for its conversation, unless "
        "you write the line “for everybody” beside it. A file of the same name is a new version."
    )
    lines = [_("*Not answered by the documents, last 7 days*")]
    lines += ["• " + quoted(escape_short(text, _LINE_CHARS)) for text in unanswered[:_MOST_QUESTIONS]]
    lines += and_more(len(unanswered) - _MOST_QUESTIONS)
    if hidden:
        lines.append(
            ngettext(
                "{count} question in private conversations, not shown here",
                "{count} questions in private conversations, not shown here",
                hidden,
            )
        )
    elif not unanswered:
        lines.append(_("Nothing: each question had an answer."))
    return modal("library", _("Keeping the library"), [section(how_to_add), section("\n".join(lines))])


def suggested_questions(
    register: Sequence[RegisterEntry], documents: Sequence[Document], today: date
) -> list[str]:
    """Return four questions: what is due, the next event, what changed, and what to ask of any register."""
    questions = [_("What is due in the next 30 days?")]
    if coming := agenda(register, today).upcoming:
        questions.append(_("When is {event}?", event=shorten(title(coming[0]), _NAME_CHARS)))
    if changed := newest_document([document for document in documents if document.version > 1]):
        questions.append(_("What changed in {document}?", document=shorten(changed.title, _NAME_CHARS)))
    # Where the register has too little, all of these.
    questions += [
        _("What was postponed or cancelled?"),
        _("What happens this year?"),
        _("What can you do?"),
    ]
    return questions[:_MOST_PROMPTS]


def opened_conversation(body: Mapping[str, Any]) -> SlackMessage:
    """Return a stand-in for the message of a person who opened the direct messages with the bot."""
    event = body["event"]
    ts = str(event.get("event_ts") or "")
    # In older events the time has no point.
    ts = ts if "." in ts else f"{ts[:10]}.{ts[10:]}"
    return SlackMessage(installed_team(body), event["channel"], ts, "", event["user"], "")


class HomeTab(Feature):
    """Shows the app's own pages: the Home tab, its choices in a window, and a greeting with suggested questions.

    Those who may correct the register keep the library. What other features have of a person is there too.
    """

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        # Whether a channel is public.
        self._public = SlackCache()

    def add_routes(self, routes: Routes) -> None:
        """Route what people open, and the button of those who keep the library."""
        routes.event("app_home_opened", self.opened)
        routes.press(HOME_LIBRARY, self.show_library)
        routes.refresh = self._refresh

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button of those who keep the library."""
        return [button(_("Keeping the library"), HOME_LIBRARY, HOME_LIBRARY)] if keeps_library else []

    async def opened(self, body: dict[str, Any]) -> None:
        """Start publishing the Home tab for whoever opens it, and greeting whoever opens a conversation."""
        event = body["event"]
        if event.get("tab") == "home":
            # Once the budget is spent, the page stays as it is, as nothing can be said there.
            if not self._services.budget.charge(event["user"], str(body.get("event_id")), PRESS_COST):
                shown = (event.get("view") or {}).get("hash")
                self._services.tasks.start(self._publish(event["user"], shown))
        elif event.get("tab") == "messages":
            self._services.tasks.start(self._greet(opened_conversation(body)))

    async def open_choices(self, press: Press) -> None:
        """Open the window with what a person can choose in a conversation. Raises NotDone, StoreError."""
        await self._services.open_window(press, self._choices_view(press))

    def _refresh(self, press: Press, failure: Message | None) -> bool:
        """Start to show the choices after a press among them, headed by what went wrong; return False elsewhere."""
        failed = failure.blocks if failure else ()
        if press.view.get("type") == "home":
            self._services.tasks.start(self._publish(press.user, failed=failed))
        elif press.view.get("callback_id") == CHOICES:
            self._services.tasks.start(self._update_choices(press, failed))
        else:
            return False
        return True

    async def _update_choices(self, press: Press, failed: Sequence[Block]) -> None:
        await self._services.update_window(press.view, await self._choices_view(press, failed))

    async def _choices_view(self, press: Press, failed: Sequence[Block] = ()) -> Block:
        return choices_view(await self._choices(press.user), press, failed)

    async def _choices(self, user: str) -> list[Block]:
        """Return the buttons of all features, and what a person has of each. Raises StoreError."""
        features = self._services.features
        keeps = await self._services.library_users.may(user)
        buttons = [each for feature in features for each in feature.choices(keeps_library=keeps)]
        own = [block for feature in features for block in await feature.home_blocks(user)]
        return [actions(*buttons), header(_("Yours")), *own]

    async def _publish(self, user: str, shown: str | None = None, failed: Sequence[Block] = ()) -> None:
        """Publish the tab, in place of the one with the hash `shown`, if a person sees one."""
        view = await self._view(user, failed)
        try:
            await self._services.clients.retrying.views_publish(user_id=user, view=view, hash=shown)
        except FAILURES as error:
            _LOG.warning("a Home tab was not published: %s", error_code(error))

    async def _view(self, user: str, failed: Sequence[Block]) -> dict[str, Any]:
        refusal = await self._services.admission.refusal(user)
        if refusal is not None:
            return home_message(one_line(refusal))
        try:
            choices = await self._choices(user)

            def read() -> Block:
                # What everybody may see.
                data = self._services.channel_data(EVERYBODY)
                today = data.today()
                register = data.register(today)
                questions = suggested_questions(register, data.documents(), today)
                return home_view(register, today, questions, choices, failed)

            return await asyncio.to_thread(read)
        except Exception as error:
            return home_message(explanation(error, "the Home tab"))

    async def show_library(self, press: Press) -> None:
        """Open the window for those who keep the library. Raises NotDone, StoreError."""
        await self._services.open_window(press, self._library(press.user))

    async def _library(self, user: str) -> Block:
        # Checked again: the person may have lost the right since the button was shown.
        if line := await self._services.library_users.refusal(user, _("add documents")):
            raise NotDone(one_line(line))
        unanswered = await asyncio.to_thread(
            self._services.question_store.unanswered, newer_than=_WEEK_SECONDS
        )
        # What was asked in private stays there, also from those who keep the library.
        asked = [question.message for question in unanswered if not question.private]
        public = {name for name in {message.channel for message in asked} if await self._is_public(name)}
        shown = [message.text for message in asked if message.channel in public]
        return library_view(shown, len(unanswered) - len(shown))

    async def _is_public(self, channel: str) -> bool:
        try:
            return await self._public.get(
                channel, partial(is_called_public, self._services.clients.retrying, channel)
            )
        except FAILURES:
            return False  # If in doubt, it is private.

    async def _greet(self, opening: SlackMessage) -> None:
        """Greet where there was no greeting yet, and suggest questions each time."""
        services, channel = self._services, opening.channel
        if await services.admission.refusal(opening.user, channel) is not None:
            return

        def read() -> list[str]:
            data = services.channel_data(of_channel(opening.team, channel))
            today = data.today()
            return suggested_questions(data.register(today), data.documents(), today)

        try:
            questions = await asyncio.to_thread(read)
            greeted = f"greeting/{opening.team}/{channel}/"
            if await asyncio.to_thread(services.question_store.claim_once, greeted):
                settings = services.options.settings
                message = greeting(bool(settings.model), is_agent(settings))
                posted = await services.poster.post(opening, message, "/greeting")
                await services.name_conversation(posted, message)
        except (StoreError, Refused, Undelivered) as error:
            _LOG.warning("the greeting was not posted: %s", error)
        else:
            await self._suggest(channel, questions)

    async def _suggest(self, channel: str, questions: Sequence[str]) -> None:
        if not is_agent(self._services.options.settings):
            return
        prompts = [{"title": shorten(each, _PROMPT_CHARS), "message": each} for each in questions]
        try:
            # In the agent view, a call with a thread has no effect and no error
            # (docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts).
            await self._services.clients.retrying.assistant_threads_setSuggestedPrompts(
                channel_id=channel, title=_("For example:"), prompts=prompts
            )
        except FAILURES as error:
            _LOG.info("no prompts are suggested: %s", error_code(error))
