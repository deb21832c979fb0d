"""Makes the picture of sources in Slack anew, from the bot's blocks: an answer, its source, a question to people."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import slack_page
from slack_picture import AS_OF, PERSON, photograph

from bot.answers import Answer
from bot.commands.context import bundled
from bot.settings import load_settings
from bot.slack.blocks.experts import experts_post, experts_reply
from bot.slack.blocks.messages import answer_message
from bot.slack.blocks.sources import SourcePlace, source_view
from bot.sources import read_source
from bot.wiring import build
from store.jobs import SlackMessage

PICTURE = Path(__file__).parent / "img" / "slack-sources.png"
ASKED = "On which days is the Summit of the Future?"
THEN = "How much does the Summit of the Future cost?"
REPLY = (
    "The costs are not in our reports. They are in the budget that the General Assembly approved in December."
)
KEY = "T1/C1/1714544040.000100"


def read() -> tuple[Answer, Answer, dict[str, Any]]:
    """Return an answer and a refusal from the bundled report, and the modal of a source."""
    with tempfile.TemporaryDirectory() as folder:
        services = build(load_settings().model_copy(update={"data_dir": Path(folder)}))
        services.shared.ingest(bundled())
        answer, refusal = (services.assistant.answer(asked, as_of=AS_OF) for asked in (ASKED, THEN))
        cited = answer.citations
        page = read_source(services.catalog, cited[0])
        return answer, refusal, source_view(SourcePlace(KEY, cited[0].marker), cited, page)


def conversation() -> str:
    """Return the page: a thread with the modal of a source, and a question that goes to people and comes back."""
    answer, refusal, view = read()
    question = SlackMessage("T1", "C1", "1714544040.000100", "", "U1", THEN)
    thread = [
        slack_page.from_person(PERSON, ASKED, "8:14 AM"),
        slack_page.from_bot(answer_message(answer, KEY), "8:14 AM"),
        slack_page.modal(view),
    ]
    people = [
        slack_page.from_person(PERSON, THEN, "8:16 AM"),
        slack_page.from_bot(answer_message(refusal, KEY, ask_experts=True), "8:16 AM"),
        slack_page.day("In the channel of the secretariat"),
        slack_page.from_bot(experts_post(question), "8:17 AM"),
        slack_page.day("Back in the thread"),
        slack_page.from_bot(experts_reply("U9", "U1", REPLY), "9:02 AM"),
    ]
    return slack_page.page(
        [
            slack_page.pane("Thread", "# un-processes, and the window behind [1]", thread),
            slack_page.pane("Thread", "# un-processes", people),
        ]
    )


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write(f"{PICTURE.name} is left as it is: Chromium is missing (apt install chromium)\n")
        return 0
    photograph(chromium, conversation(), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
