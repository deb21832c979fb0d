"""Opens the form that asks; Slack allows three seconds for it."""

from __future__ import annotations

from bot.slack.access.people import Names
from bot.slack.background import BackgroundTasks
from bot.slack.blocks.elements import notice
from bot.slack.blocks.forms import AskOrigin, ask_form
from bot.slack.sending.clients import SlackClients, open_view
from bot.slack.sending.private_replies import Recipient, reply_privately

_TOO_LATE = notice("Slack did not open the form in time. Please try again.")

# Seconds for the names of those whom a message mentions.
_PATIENCE = 1.0


class AskHandler:
    """Opens forms; `open` returns at once."""

    def __init__(self, clients: SlackClients, tasks: BackgroundTasks) -> None:
        self._clients = clients
        self._names = Names(clients.unretried)
        self._tasks = tasks

    def open(self, trigger: str, user: str, origin: AskOrigin, text: str = "") -> None:
        """Start opening the form, filled in with a text, for a user."""
        self._tasks.start(self._open(trigger, user, origin, text))

    async def _open(self, trigger: str, user: str, origin: AskOrigin, text: str) -> None:
        [question] = await self._names.put_in(text, patience=_PATIENCE)
        if not await open_view(self._clients.unretried, trigger, ask_form(origin, question)):
            to = Recipient(user, origin.channel, response_url=origin.response_url)
            await reply_privately(self._clients, to, _TOO_LATE)
