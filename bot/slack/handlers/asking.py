"""Opens the form that asks; Slack allows three seconds for it."""

from __future__ import annotations

from bot.slack.background import BackgroundTasks
from bot.slack.blocks.ask import AskOrigin, ask_form
from bot.slack.blocks.elements import notice
from bot.slack.sending.clients import SlackClients, open_view, respond_below

_TOO_LATE = notice("Slack did not open the form in time. Please use the shortcut again.")


class AskHandler:
    """Opens forms; `open` returns at once."""

    def __init__(self, clients: SlackClients, tasks: BackgroundTasks) -> None:
        self._clients = clients
        self._tasks = tasks

    def open(self, trigger: str, origin: AskOrigin, question: str = "") -> None:
        """Start opening the form, filled in with a question."""
        self._tasks.start(self._open(trigger, origin, question))

    async def _open(self, trigger: str, origin: AskOrigin, question: str) -> None:
        if not await open_view(self._clients.unretried, trigger, ask_form(origin, question)):
            await respond_below(origin.response_url, _TOO_LATE)
