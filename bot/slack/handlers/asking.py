"""Opens the form that asks; Slack allows three seconds for it."""

from __future__ import annotations

import logging

from bot.slack.blocks.ask import AskOrigin, ask_form
from bot.slack.blocks.elements import notice
from bot.slack.handlers.background import BackgroundTasks
from bot.slack.sending.clients import FAILURES, SlackClients, error_code, respond

_LOG = logging.getLogger(__name__)

_TOO_LATE = notice("Slack did not open the form in time. Please use the shortcut again.")


class AskHandler:
    """Opens forms; `open` returns at once."""

    def __init__(self, clients: SlackClients) -> None:
        self._clients = clients
        self._tasks = BackgroundTasks()
        self.close = self._tasks.close

    def open(self, trigger: str, origin: AskOrigin, question: str = "") -> None:
        """Start opening the form, filled in with a question."""
        self._tasks.start(self._open(trigger, origin, question))

    async def _open(self, trigger: str, origin: AskOrigin, question: str) -> None:
        try:
            view = ask_form(origin, question)
            await self._clients.unretried.views_open(trigger_id=trigger, view=view)
        except FAILURES as error:
            _LOG.warning("the form that asks could not be opened: %s", error_code(error))
            if origin.response_url:
                await respond(origin.response_url, _TOO_LATE, replace_original=False)
