"""Briefs in Slack: made for one person in their direct messages, stopped, and made after a kill."""

from __future__ import annotations

import io

import docx
import pytest

from bot.briefs.making import ModelWriter
from store.jobs import BriefJob, BriefStore, Holder, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.conftest import RIGHT, Begin, Waiting
from tests.bot.slack.features.library.real_library import RealLibrary
from tests.bot.slack.windows import alone, chosen, direct
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import labels, press
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, until_stored

TOPIC = "Schools Alliance"
HARBOUR = "Harbour Alliance"


class Model(Waiting):
    """Writes the same sentence for each part, the first at once and the others once it may."""

    name = "fake:model"

    def ask(self, messages: object, _config: object = None) -> str:
        if "what it is for" not in str(messages):
            self.wait()
        return f"{RIGHT} [1]"


@pytest.fixture
def model(library: RealLibrary, monkeypatch: pytest.MonkeyPatch) -> Model:
    model = Model()
    monkeypatch.setitem(library.services.shared.__dict__, "brief_writer", ModelWriter(model))  # type: ignore[arg-type]
    return model


async def asked(slack: FakeSlack, topic: str = TOPIC, channel: str = "C1", user: str = "U1") -> str:
    """Have somebody ask for a brief in a channel, and return what the form says then."""
    _, answer = await chosen(slack, "Write a brief", channel, user, topic=topic)
    return str(answer)


async def briefed(
    slack: FakeSlack, topic: str = TOPIC, channel: str = "C1", user: str = "U1", words: str = " · as of "
) -> Message:
    """Have somebody ask for a brief, and return it once it is in their direct messages."""
    await asked(slack, topic, channel, user)
    return await direct(slack, words, user)


async def test_the_brief_is_in_direct_messages_with_its_sources_a_word_file_and_a_pointer(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin(questions_per_minute=6)
    topic = "Schools Alliance / partners"
    assert "You will find it in our messages" in await asked(slack, topic)
    shown = await direct(slack, " · as of ")

    lines = shown["text"].splitlines()
    assert lines[0] == f"{topic} · as of 1 May 2024"
    assert f"• {RIGHT} [1]" in lines
    assert f"[1] § 1.2, Report on the forum: “{RIGHT}”" in lines
    assert "→" in await alone(slack, "Your brief is in our messages")
    assert (slack.messages["C1"], slack.agents.titles[shown["ts"]]) == ([], f"Brief: {topic}")
    await direct(slack, "with its sources at the end")
    [upload] = slack.uploads.known.values()
    assert upload.name == "Schools Alliance partners.docx"
    assert RIGHT in "\n".join(p.text for p in docx.Document(io.BytesIO(upload.data or b"")).paragraphs)
    # A brief counts as five questions.
    assert "6 questions" in (await slack.command("dates")).ack_text


async def test_progress_becomes_the_brief(slack: FakeSlack, begin: Begin, model: Model) -> None:
    await begin()
    await asked(slack, channel="D1")
    reply = await slack.reply("D1")
    await slack.until(lambda: reply["text"] == "Parts written: 1 of 7")
    assert labels(reply) == ["Stop"]
    model.may.set()

    await slack.until(lambda: f"• {RIGHT} [1]" in reply["text"])
    assert labels(reply) == []
    assert "Written by a language model" in reply["text"]


async def test_an_unknown_topic_is_a_line_and_what_is_near(slack: FakeSlack, begin: Begin) -> None:
    await begin()
    shown = await briefed(slack, "Broadband quokkas", words="have nothing on")
    first, second, *near = shown["text"].splitlines()
    assert first == "The documents have nothing on Broadband quokkas."
    assert second == "The nearest passages, which may not answer this:"
    assert near[0].startswith("• § 1.")
    assert (labels(shown), slack.uploads.known) == ([], {})
    # What is no topic is said in the form.
    for topic in (" ", "why " * 2_000):
        assert "errors" in await asked(slack, topic)


async def test_documents_of_a_private_channel_are_in_briefs_there_only(
    slack: FakeSlack, begin: Begin
) -> None:
    await begin()
    await asked(slack, HARBOUR, "C2")
    text = await alone(slack, "sixty-one", "C2")
    assert "There is no Word file of it" in text
    assert "Show again" in str(await direct(slack, "<#C2>"))
    for channel, user in (("C1", "U2"), ("D3", "U3")):
        await briefed(slack, HARBOUR, channel, user, "nothing on")
    assert ("sixty-one" in str(slack.messages), slack.uploads.known) == (False, {})


async def test_a_person_has_one_brief_at_a_time_and_stops_it(
    slack: FakeSlack, begin: Begin, model: Model, state: QuestionStore
) -> None:
    await begin()
    await asked(slack)
    progress = await direct(slack, "Parts written: 1 of 7")
    button = {**progress}
    assert "Another brief of yours is being written" in await asked(slack, "Forum on Broadband")
    await asked(slack, user="U2")

    other = await slack.response(await press(slack, button, "Stop", user="U2", channel="D2"))
    await press(slack, progress, "Stop")
    await slack.until(lambda: progress["text"] == "Stopped; the brief is not made.")
    assert await direct(slack, RIGHT, "U2")
    await until_stored(lambda: open_jobs(state) == 0)
    late = await slack.response(await press(slack, button, "Stop", channel="D1"))
    assert other["text"] == late["text"] == "This has ended already."

    await briefed(slack, "Forum on Broadband", words="Forum on Broadband · as of ")


@pytest.mark.parametrize(
    ("kills", "made", "said"), [(1, False, RIGHT), (1, True, "As it was."), (2, False, "interrupted twice")]
)
async def test_a_brief_of_killed_bots_is_made_shown_or_given_up(
    slack: FakeSlack, begin: Begin, state: QuestionStore, kills: int, made: bool, said: str
) -> None:
    store = BriefStore.beside(state)
    message = SlackMessage(slack.team, "C1", "1700000000.000001", "", "U1", TOPIC)
    job = store.claim(BriefJob(message, f"{slack.url}respond/p-1"), Holder("killed", -1.0))
    assert job is not None
    if kills == 2:
        assert store.adopt(Holder("killed too", -1.0))
    if made:
        [job] = store.adopt(Holder("sender", 60.0))
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "As it was."}}]
        store.change(job.lease, content={"text": "As it was.", "blocks": blocks})
        store.release(job.lease)

    await begin()

    await direct(slack, said)
    await until_stored(lambda: open_jobs(state) == 0)
    assert bool(slack.uploads.known) is (said == RIGHT)


async def test_without_documents_there_is_no_brief(
    slack: FakeSlack, start: Start, library: RealLibrary
) -> None:
    await start(**library.options())
    await briefed(slack, words="I have no documents yet")
