"""What a feature is given in a workspace of the fake Slack in which everybody is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.core.access import Admission, Budget, LibraryUsers, Policy
from bot.slack.core.options import ChannelData
from bot.slack.core.people import Names, People
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster
from bot.slack.core.services import WorkspaceServices
from store.audiences import Audience
from store.jobs import QuestionStore, Runner
from tests.bot.slack.conftest import channel_data
from tests.bot.slack.options import slack_options
from tests.fake_slack.slack import FakeSlack


def workspace_services(
    slack: FakeSlack,
    state: QuestionStore,
    data: Callable[[Audience], ChannelData] = lambda _audience: channel_data(),
    **options: Any,
) -> WorkspaceServices:
    clients = SlackClients(slack.bot_token, slack.url)
    settings = slack_options(**options)
    names = Names(clients.unretried)
    return WorkspaceServices(
        options=settings,
        channel_data=data,
        question_store=state,
        clients=clients,
        poster=Poster(clients.posting, clients.retrying, slack.bot_user),
        admission=Admission(Policy(guests=True, external=True), clients.unretried, slack.team),
        library_users=LibraryUsers((), clients.retrying, names),
        budget=Budget(0),
        names=names,
        people=People(clients.unretried, ZoneInfo("Europe/Zurich")),
        team=slack.team,
        bot_user=slack.bot_user,
        runner=Runner(**settings.timing.leases),
    )
