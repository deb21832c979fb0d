"""The language that a person chooses for what only they read; without a choice it is that of their Slack."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot.locales import LANGUAGES, _, language, use_language
from bot.slack.core.feature import Feature
from bot.slack.core.payloads import Press
from bot.slack.core.receiving import Routes
from bot.slack.core.services import WorkspaceServices
from bot.slack.core.ui.elements import Block, Message, menu, option, section
from store.jobs import LanguageStore

LANGUAGE_CHOOSE = "language_choose"

_AS_IN_SLACK = "slack"


def language_line(chosen: str) -> Block:
    """Return the line with the language in use, and the menu of all; `chosen` is "" for that of Slack."""
    choices = [option(code, each.name) for code, each in LANGUAGES.items()] + [
        option(_AS_IN_SLACK, _("As in Slack"))
    ]
    text = _("Language: {name}", name=LANGUAGES[language()].name if chosen else _("as in Slack"))
    return {**section(text), "accessory": menu(_("Choose …"), LANGUAGE_CHOOSE, choices)}


class Languages(Feature):
    """Shows and stores the languages that people choose. Every minute it reads what other bots have stored."""

    def __init__(self, services: WorkspaceServices) -> None:
        self._team = services.team
        self._chosen = services.people.cache.languages
        self._store = LanguageStore.beside(services.question_store)

    def add_routes(self, routes: Routes) -> None:
        """Route the menu."""
        routes.press_stored(LANGUAGE_CHOOSE, self.choose)

    async def home_blocks(self, user: str) -> Sequence[Block]:
        """Return the language of a person, with the menu."""
        return [language_line(self._chosen.get(user, ""))]

    async def choose(self, press: Press) -> Message:
        """Store the language that a person chooses. Raises StoreError."""
        chosen = press.value if press.value in LANGUAGES else ""
        await asyncio.to_thread(self._store.choose, self._team, press.user, chosen)
        self._chosen[press.user] = chosen
        if chosen:
            use_language(chosen)
        return Message.of([language_line(chosen)])

    async def review(self, _now: datetime) -> None:
        """Read the languages that people have chosen. Raises StoreError."""
        chosen = await asyncio.to_thread(self._store.of_team, self._team)
        self._chosen.clear()
        self._chosen.update(chosen)
