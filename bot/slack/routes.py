"""The features of the bot, in the order in which they are asked: for routes, for buttons, for what a person has."""

from __future__ import annotations

from bot.slack.core.feature import Feature
from bot.slack.core.services import WorkspaceServices
from bot.slack.features.briefs import Briefs
from bot.slack.features.checking import Checking
from bot.slack.features.commands import Commands
from bot.slack.features.documents import Documents
from bot.slack.features.experts import Experts
from bot.slack.features.feedback import Feedback
from bot.slack.features.follow.calendars import CalendarAddresses, CalendarFiles
from bot.slack.features.follow.reminders import Reminders
from bot.slack.features.follow.subscriptions import Subscriptions
from bot.slack.features.home import HomeTab
from bot.slack.features.index import IndexRebuilds
from bot.slack.features.languages import Languages
from bot.slack.features.library.library import Library
from bot.slack.features.notices import Notices
from bot.slack.features.privacy import Privacy
from bot.slack.features.questions.answering import Assistants
from bot.slack.features.questions.questions import Questions
from bot.slack.features.register import Register
from bot.slack.features.sources import Sources
from bot.slack.features.watching import Watching


def features(services: WorkspaceServices, assistants: Assistants) -> list[Feature]:
    """Return the features of the bot in one workspace."""
    questions, register = Questions(services, assistants), Register(services)
    subscriptions, home = Subscriptions(services), HomeTab(services)
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
        register,
        Briefs(services),
        Documents(services),
        CalendarAddresses(services, calendars) if calendars and has_address else CalendarFiles(services),
        Reminders(services),
        subscriptions,
        Languages(services),
        Privacy(services),
        home,
        Watching(services),
        Notices(services),
        IndexRebuilds(services),
        Commands(
            services,
            questions.start,
            questions.is_loading,
            register.list,
            subscriptions.subscribe,
            home.open_choices,
        ),
    ]
