"""Makes the README's picture of Slack anew: a digest, an answer and a refusal, from the bot's own blocks.

It is drawn by the system's Chromium from a page that looks like Slack. Fonts: Lato, as Slack has it
(Debian: fonts-lato), and a colour emoji font (fonts-noto-color-emoji).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import slack_page

from bot.commands.context import bundled
from bot.register.digest import build_digest
from bot.settings import load_settings
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.digest import digest_message
from bot.slack.blocks.elements import Message
from bot.wiring import build

PICTURE = Path(__file__).parent / "img" / "slack.png"
AS_OF = date(2024, 5, 1)
ASKED = "Is the LLDC conference still on?"
THEN = "How much does the Summit of the Future cost?"
PERSON = slack_page.Person("Amina Kamau", "AK")


def messages() -> tuple[Message, Message, Message]:
    """Return the digest, an answer and a refusal, as the bot makes them from the bundled report."""
    with tempfile.TemporaryDirectory() as folder:
        services = build(load_settings().model_copy(update={"data_dir": Path(folder)}))
        services.shared.ingest(bundled())
        digest = build_digest(services.register(AS_OF), AS_OF, documents=services.catalog.documents())
        answers = [services.assistant.answer(question, as_of=AS_OF) for question in (ASKED, THEN)]
    first, second = (blocks.answer_message(answer) for answer in answers)
    return digest_message(digest), first, second


def conversation() -> str:
    """Return the page: the channel with its digest, and a thread beside it."""
    digest, answer, refusal = messages()
    asked = slack_page.from_person(PERSON, ASKED, "8:12 AM")
    channel = [slack_page.day("Wednesday, May 1st"), slack_page.from_bot(digest, "8:00 AM")]
    channel += [asked, slack_page.replies(3)]
    thread = [asked, slack_page.counted(3), slack_page.from_bot(answer, "8:12 AM")]
    thread += [slack_page.from_person(PERSON, THEN, "8:14 AM"), slack_page.from_bot(refusal, "8:14 AM")]
    return slack_page.page(
        [
            slack_page.pane("# un-processes", "", channel),
            slack_page.pane("Thread", "# un-processes", thread),
        ]
    )


def photograph(chromium: str, page: str, picture: Path) -> None:
    """Draw the page into a PNG file, as high as it is. Raises CalledProcessError."""
    measured = page.replace(
        "</html>", "<script>document.title=document.querySelector('main').offsetHeight</script></html>"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(measured, encoding="utf-8")
        common = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        common += [f"--user-data-dir={folder}/profile"]
        shown = _run([*common, "--window-size=1240,800", "--dump-dom", file.as_uri()])
        height = shown.split("<title>")[1].split("</title>")[0]
        shot = ["--force-device-scale-factor=2", f"--screenshot={picture}", f"--window-size=1240,{height}"]
        _run([*common, *shot, file.as_uri()])


def _run(command: list[str]) -> str:
    # The browser found on the path, and a page of our own.
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write("docs/img/slack.png is left as it is: Chromium is missing (apt install chromium)\n")
        return 0
    photograph(chromium, conversation(), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
