"""The features of the bot, in the order in which they are asked: for routes, for words of the command, for buttons."""

from __future__ import annotations

from bot.slack.core.feature import Feature
from bot.slack.core.services import WorkspaceServices
from bot.slack.features.briefs import Briefs
from bot.slack.features.calendars import CalendarAddresses, CalendarFiles
from bot.slack.features.checking import Checking
from bot.slack.features.commands import Commands
from bot.slack.features.documents import Documents
from bot.slack.features.experts import Experts
from bot.slack.features.feedback import Feedback
from bot.slack.features.home import HomeTab
from bot.slack.features.index import IndexRebuilds
from bot.slack.features.languages import Languages
from bot.slack.features.library.library import Library
from bot.slack.features.notices import Notices
from bot.slack.features.privacy import Privacy
from bot.slack.features.questions.answering import Assistants
from bot.slack.features.questions.questions import Questions
from bot.slack.features.register import Register
from bot.slack.features.reminders import Reminders
from bot.slack.features.shares import Shares
from bot.slack.features.sources import Sources
from bot.slack.features.subscriptions.digests import Digests
from bot.slack.features.subscriptions.subscriptions import Subscriptions
from bot.slack.features.watching import Watching


def features(services: WorkspaceServices, assistants: Assistants) -> list[Feature]:
    """Return the features of the bot in one workspace."""
    questions, shares = Questions(services, assistants), Shares(services)
    library = Library(services, questions.ask)
    calendars, has_address = services.options.calendars, bool(services.options.settings.public_url)
    return [
        # Before the questions: files, and answers of people, are messages too. Before the library: so are drafts.
        Checking(services, library.content),
        library,
        Sources(services),
        *([Experts(services)] if services.options.settings.experts_channel else []),
        Feedback(services),
        questions,
        Register(services),
        CalendarAddresses(services, calendars) if calendars and has_address else CalendarFiles(services),
        Digests(services),
        Briefs(services),
        Documents(services),
        Reminders(services),
        Subscriptions(services),
        Watching(services),
        Notices(services),
        IndexRebuilds(services),
        Languages(services),
        Privacy(services),
        shares,
        Commands(services, questions.start, shares.start, questions.is_loading),
        HomeTab(services),
    ]
