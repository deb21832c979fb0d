"""Makes the picture of the Home tab and of a private reply that is shared anew, from the bot's blocks."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import slack_page
from slack_picture import AS_OF, photograph

from bot.commands.context import bundled
from bot.register.digest import dating_words
from bot.register.reminders import reminder_day
from bot.settings import load_settings
from bot.slack.blocks.echo import with_question
from bot.slack.blocks.elements import Message
from bot.slack.blocks.home import Home, LibraryPart, home_view
from bot.slack.blocks.messages import answer_message
from bot.slack.blocks.reminders import reminder_list
from bot.slack.blocks.sharing import shared, with_share_button
from bot.wiring import Services, build
from store.jobs import Reminder

PICTURE = Path(__file__).parent / "img" / "slack-home.png"
QUESTION = "When is the Summit of the Future, and where?"
ADDED = datetime(2024, 4, 30, tzinfo=UTC)
REMINDED = "Summit of the Future"


def home(services: Services) -> str:
    """Return the Home tab of a person who has a reminder and keeps the library."""
    register = services.register(AS_OF)
    entry = next(each for each in register if each.title == REMINDED and each.precision == "day")
    reminder = Reminder(
        "r", "T", "U", "D", entry.chain_id, 7, entry.title, reminder_day(entry), dating_words(entry)
    )
    shown = Home(
        AS_OF,
        register,
        [replace(each, ingested_at=ADDED) for each in services.catalog.documents()],
        services.changes(),
        reminder_list([reminder]).blocks,
        LibraryPart(services.corrections(), ["How much does the Summit of the Future cost?"], 2, 14, 1),
    )
    blocks = home_view(shown)["blocks"]
    return "".join(slack_page.block(block) for block in blocks)


def conversation(services: Services) -> str:
    """Return the page: the Home tab, and a channel in which a private answer is shared."""
    answer = answer_message(services.assistant.answer(QUESTION, as_of=AS_OF), "T/C/1")
    private = with_share_button(with_question(answer, QUESTION), "C1", "answer T/C/1")
    public: Message = shared(answer, "C1", "U1", QUESTION)
    channel = [
        slack_page.day("Wednesday, May 1st"),
        slack_page.from_bot(private, "9:40 AM", ephemeral=True),
        slack_page.from_bot(public, "9:41 AM"),
    ]
    return slack_page.page(
        [
            slack_page.pane("itubot", "Home", [f'<div class="home">{home(services)}</div>']),
            slack_page.pane("# un-processes", "", channel),
        ]
    )


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write(
            "docs/img/slack-home.png is left as it is: Chromium is missing (apt install chromium)\n"
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        services = build(load_settings().model_copy(update={"data_dir": Path(folder)}))
        services.shared.ingest(bundled())
        photograph(chromium, conversation(services), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
