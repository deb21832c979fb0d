"""What is stored about a person, which they see and delete themselves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from bot.locales import _, ngettext
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Block, actions, button, confirmed, context, section
from bot.slack.core.ui.forms import modal
from store.errors import StoreBusy
from store.jobs.people import forget_person, kept_of_person

ABOUT_ME, FORGET_ME = "about_me", "forget_me"

_LOG = logging.getLogger(__name__)


# What is kept, in words, by the name of its table; the rest is what the bot sends to the person.
_WORDS: Mapping[str, Callable[[int], str]] = {
    "access_keys": lambda count: ngettext("{count} calendar address", "{count} calendar addresses", count),
    "briefs": lambda count: ngettext("{count} brief", "{count} briefs", count),
    "checks": lambda count: ngettext(
        "{count} check of a text of yours, without the text",
        "{count} checks of texts of yours, without the texts",
        count,
    ),
    "expert_answers": lambda count: ngettext(
        "{count} answer of the secretariat", "{count} answers of the secretariat", count
    ),
    "expert_questions": lambda count: ngettext(
        "{count} question to the secretariat", "{count} questions to the secretariat", count
    ),
    "feedback": lambda count: ngettext("{count} vote on an answer", "{count} votes on answers", count),
    "languages": lambda _count: _("the language that you chose"),
    "questions": lambda count: ngettext(
        "{count} question with its answer", "{count} questions with their answers", count
    ),
    "reminders": lambda count: ngettext("{count} reminder", "{count} reminders", count),
    "subscriptions": lambda count: ngettext("{count} subscription", "{count} subscriptions", count),
    "uploads": lambda count: ngettext("{count} file that you sent", "{count} files that you sent", count),
}


def about_view(kept: Mapping[str, int]) -> Block:
    """Return the window with how many rows of each table are about a person, and the button that deletes them."""
    lines = [_WORDS[name](kept[name]) for name in sorted(_WORDS.keys() & kept.keys())]
    if others := sum(count for name, count in kept.items() if name not in _WORDS):
        lines.append(ngettext("{count} message of mine to you", "{count} messages of mine to you", others))
    text = "\n• ".join([_("I keep about you:"), *lines]) if lines else _("I keep nothing about you.")
    terms = _(
        "Questions, answers and votes are deleted after 30 days; reminders and subscriptions when they end. "
        "I cannot delete messages in Slack."
    )
    blocks = [section(text), context(terms)]
    if lines:
        asks = _(
            "Your questions, votes, reminders and subscriptions are gone then, also those that you made for "
            "channels. Nobody can bring them back."
        )
        delete = button(_("Delete all of it"), FORGET_ME, FORGET_ME)
        blocks.append(actions(confirmed(delete, _("Delete all of it?"), asks, _("Delete"))))
    return modal("about_me", _("Kept about you"), blocks)


class Privacy(Feature):
    """Shows a person what is stored about them, and deletes it."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._services = services
        self._store = services.question_store

    def add_routes(self, routes: Routes) -> None:
        """Route the button of the Home tab, and the one in the window."""
        routes.press(ABOUT_ME, self.show)
        routes.press(FORGET_ME, self.forget)

    def choices(self, *, keeps_library: bool) -> Sequence[Block]:
        """Return the button that opens the window."""
        return [button(_("What do you keep about me?"), ABOUT_ME, ABOUT_ME)]

    async def show(self, press: Press) -> None:
        """Open the window with what is stored about the person. Raises NotDone, StoreError."""
        await self._services.open_window(press, self._view(press.user))

    async def forget(self, press: Press) -> None:
        """Delete what is stored about the person, and say so in the window. Raises StoreError."""
        try:
            await asyncio.to_thread(forget_person, self._store.engine, press.user)
        except StoreBusy:
            # The rows are gone; what a backup still reads of them is for whoever runs the bot. No id is logged.
            _LOG.warning(
                "the rows of a person are deleted, but another program still reads old ones in SQLite's log"
            )
        await self._services.update_window(press.view, await self._view(press.user))

    async def _view(self, user: str) -> Block:
        return about_view(await asyncio.to_thread(kept_of_person, self._store.engine, user))
