"""Every place in Slack where people meet the bot: what they do there, and what they see.

Each surface has a scene of its own, so that all of them can be used at once.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from bot.slack.features.briefs import BRIEF_STOP
from bot.slack.features.checking import CHECK_STOP
from bot.slack.features.register import UNDATED
from bot.slack.manifest import ASK_ABOUT_MESSAGE, CHECK_MESSAGE
from store.jobs import DraftJobStore, MessageRef
from tests.bot.slack.features.library.real_library import REPORT, upload_result
from tests.bot.slack.features.questions.streaming_assistant import words
from tests.bot.slack.features.shown_register import SUMMIT
from tests.bot.slack.refusing_assistant import EXPERTS
from tests.bot.slack.surfaces.knowing_assistant import HELD, STREAMED, UNKNOWN
from tests.bot.slack.surfaces.scene import QUESTION, Scene
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import View, choose, elements, labels, opened_by, press, send_off, vote
from tests.fake_slack.hosted_files import HostedFile, mention_with_files, point_at, send_files, shared
from tests.fake_slack.shortcuts import use_message_shortcut
from tests.store.jobs.stored_outcome import until_stored

# The other date of REPORT.
COMMENTS = "Comments on the draft are due"
# What nobody may make Slack read as its own signs: all that documents and people say is shown with them.
SIGNS = "<!here> & *all* @channel"
HOSTILE = REPORT.replace(b"Report on the summit", f"Report on the summit {SIGNS}".encode())
HOSTILE = HOSTILE.replace(b"1 Preparations", f"1 Preparations {SIGNS}".encode())
HOSTILE = HOSTILE.replace(b" partners.", f" partners {SIGNS}.".encode())
# What people send: a report of other dates, since a second mention of a date changes the id of its entry.
SENT = HOSTILE.replace(b"Summit of the Future", b"Lunar Forum").replace(b"the draft", b"the lunar plan")
# A sentence that the report contradicts.
DRAFT = "The Summit of the Future will be held on 24 September 2024 in New York."
# What is said to who types this after the command.
COMMANDS = {
    "dates": SUMMIT,
    "dates 30d": COMMENTS,
    "subscribe": "There is no subscription here.",
    "subscribe daily": "Subscribed: all dates",
    "help": "/itu dates",
    QUESTION: "Your answer is in our messages",
}


Surface = Callable[[Scene], Awaitable[None]]


async def mention(scene: Scene) -> None:
    reply = await scene.answered()
    assert "You asked: When is the summit?" in reply["text"]


async def direct_message(scene: Scene) -> None:
    asked = await scene.slack.direct(QUESTION, user=scene.user)
    reply = await scene.slack.reply(scene.direct, asked["ts"])
    assert "You asked: When is the summit?" in reply["text"]


async def followed_thread(scene: Scene) -> None:
    thread = (await scene.answered())["thread_ts"]
    # Once its status is cleared, the answer is recorded.
    await scene.slack.until(lambda: scene.slack.agents.is_cleared(thread))
    await scene.slack.reply_in_thread(scene.channel, "And where is it?", thread, user=scene.user)
    assert "And where is it?" in (await scene.slack.reply(scene.channel, thread, 2))["text"]


async def agent_pane(scene: Scene) -> None:
    await scene.slack.open_messages(user=scene.user)
    await scene.slack.until(lambda: scene.direct in scene.slack.agents.prompts)
    suggested = scene.slack.agents.prompts[scene.direct]
    prompt = suggested[0]["message"]
    asked = await scene.slack.direct(prompt, user=scene.user)
    assert prompt in (await scene.slack.reply(scene.direct, asked["ts"]))["text"]
    assert "Hello!" in scene.slack.replies(scene.direct)[0]["text"]


async def status_and_stop(scene: Scene) -> None:
    slack = scene.slack
    asked = await slack.mention(scene.channel, HELD, user=scene.user)
    await slack.until(lambda: slack.agents.sessions.get(asked["ts"]) == ["processing"])
    await slack.press_stop(scene.channel, asked["ts"], user=scene.user)
    assert "Stopped." in (await slack.reply(scene.channel, asked["ts"]))["text"]
    await slack.until(lambda: slack.agents.is_cleared(asked["ts"]))


async def streaming(scene: Scene) -> None:
    asked = await scene.slack.mention(scene.channel, STREAMED, user=scene.user)
    reply = await scene.slack.reply(scene.channel, asked["ts"])
    await scene.slack.until(lambda: words(1).strip() in reply["text"])
    assert words(2).strip() not in reply["text"]
    scene.assistant.goes_on.set()

    def whole() -> list[Message]:
        return [one for one in scene.slack.replies(scene.channel, asked["ts"]) if "metadata" in one]

    await scene.slack.until(lambda: bool(whole()))
    assert "Pact for the Future" in whole()[0]["text"]


async def sources(scene: Scene) -> None:
    slack = scene.slack
    file = report_named(scene, "cited")
    sent = await mention_with_files(slack, file, channel=scene.channel, user=scene.user)
    await upload_result(slack, scene.channel, sent)
    answer = await scene.answered()
    modal, _ = await opened_by(slack, press(slack, answer, "Sources (2)", user=scene.user))
    assert "*§ 1.1 Preparations " in str(modal["blocks"])
    await press(slack, modal, "Send me the original file", user=scene.user)
    await slack.until(lambda: "The file is in your direct messages" in str(modal["blocks"]))
    assert any("files" in message for message in slack.messages[scene.direct])
    for act, label, shown in (
        (press, "Next paragraph", "*§ 1.2 Preparations "),
        (press, "Previous paragraph", "*§ 1.1 Preparations "),
        (choose, "[2]", "*§ 1.2 Preparations "),
    ):
        former = modal["hash"]
        await act(slack, modal, label, user=scene.user)
        await slack.until(lambda former=former: modal["hash"] != former)
        assert shown in str(modal["blocks"])


async def feedback(scene: Scene) -> None:
    slack, answer = scene.slack, await scene.answered()
    liked = await slack.response(await vote(slack, answer, positive=True, user=scene.user))
    form, _ = await opened_by(slack, vote(slack, answer, positive=False, user=scene.user))
    said = await sent_off(scene, form, comment=f"It moved. {SIGNS}")
    assert ("Thank you" in liked["text"], "will read it" in said) == (True, True)


async def secretariat(scene: Scene) -> None:
    slack, refusal = scene.slack, await scene.answered(f"{UNKNOWN} {scene.user}")
    told = await scene.press(refusal, "Ask the secretariat")
    assert "I am passing your question on" in told["text"]
    post = await scene.posted(EXPERTS, f"{UNKNOWN} {scene.user}")
    assert f"<@{scene.user}> asks in <#{scene.channel}>." in post["text"]
    ref = MessageRef(EXPERTS, post["ts"])
    await until_stored(lambda: scene.experts.posted_as(ref) is not None)
    form, _ = await opened_by(slack, press(slack, post, "Answer", user="U9"))
    await send_off(slack, form, user="U9", answer=f"ITU pays. {SIGNS}")
    back = await slack.reply(scene.channel, refusal["thread_ts"], 2)
    assert "ITU pays." in back["text"]


async def answer_in_the_thread_of_the_secretariat(scene: Scene) -> None:
    slack, refusal = scene.slack, await scene.answered(f"{UNKNOWN} {scene.user}")
    await scene.press(refusal, "Ask the secretariat")
    post = await scene.posted(EXPERTS, f"{UNKNOWN} {scene.user}")
    ref = MessageRef(EXPERTS, post["ts"])
    await until_stored(lambda: scene.experts.posted_as(ref) is not None)
    await slack.reply_in_thread(EXPERTS, "The members <https://itu.int|pay>.", post["ts"], user="U9")
    back = await slack.reply(scene.channel, refusal["thread_ts"], 2)
    assert back["text"].split("\n")[:2] == [f"<@U9> answers <@{scene.user}>:", "The members pay."]
    assert "A person's answer. It is not from the documents" in back["text"]
    await slack.until(lambda: "<@U9> has answered" in post["text"])


async def commands(scene: Scene) -> None:
    said = {text: (await scene.typed(text))["text"] for text in COMMANDS}
    assert {text: said[text][:300] for text, words in COMMANDS.items() if words not in said[text]} == {}
    await scene.posted(scene.direct, f"You asked: {QUESTION}")


async def chosen(scene: Scene, label: str, **filled: Any) -> str:
    """Choose a form after the command, send it off, and return what it becomes."""
    form = await scene.window(await scene.choices(), label)
    return await sent_off(scene, form, **filled)


async def sent_off(scene: Scene, form: View, **filled: Any) -> str:
    """Send a form off, and return what it becomes; on a busy machine it is shown to be at work first."""
    former = str(form)
    sent = await send_off(scene.slack, form, user=scene.user, **filled)
    if "Loading…" not in str(sent.answer):
        return str(sent.answer)
    await scene.slack.until(lambda: str(form) != former and "Loading…" not in str(form["blocks"]))
    return str(form)


async def brief(scene: Scene) -> None:
    slack = scene.slack
    assert "You will find it in our messages" in await chosen(scene, "Write a brief", topic=SUMMIT)
    await scene.posted(scene.direct, f"{SUMMIT} · as of")
    file = await scene.posted(scene.direct, "with its sources at the end")
    assert file["files"][0]["name"] == f"{SUMMIT}.docx"
    # Nobody stops the brief of somebody else.
    blocks = [{"type": "actions", "elements": [{"type": "button", "action_id": BRIEF_STOP, "value": "x"}]}]
    blocks[0]["elements"][0]["text"] = {"text": "Stop"}
    pressed = await press(slack, {"blocks": blocks}, "Stop", user="U9", channel=scene.channel)
    assert "ended already" in (await slack.response(pressed))["text"]


async def kept_in_its_conversation(scene: Scene) -> None:
    slack, file = scene.slack, report_named(scene, "own")
    slack.directory.places[scene.channel] = {"is_private": True}
    slack.directory.members[scene.channel] = [scene.user]
    sent = await mention_with_files(slack, file, channel=scene.channel, user=scene.user)
    await upload_result(slack, scene.channel, sent)
    assert f"You asked: {QUESTION}" in (await scene.typed(QUESTION))["text"]
    notice = await scene.posted(scene.direct, "Show again")
    await press(slack, notice, "Show again", user=scene.user)
    await slack.until(lambda: scene.user in [one["user"] for one in slack.called("chat.postEphemeral")])


async def ask_about_this_message(scene: Scene) -> None:
    slack, message = scene.slack, scene.slack.say(scene.channel, "Has the summit moved?")
    used = await use_message_shortcut(
        slack, ASK_ABOUT_MESSAGE, message, channel=scene.channel, user=scene.user, trigger=slack.new_trigger()
    )
    await scene.posted(scene.direct, "You asked: Has the summit moved?")
    assert "Your answer is in our messages" in (await slack.response(used))["text"]


async def check_this(scene: Scene) -> None:
    slack, file = scene.slack, scene.slack.hosted.add("draft.txt", DRAFT.encode())
    message = slack.say(scene.channel, f"See <https://itu.int|this>. {DRAFT}", **shared((file,)))
    await use_message_shortcut(
        slack, CHECK_MESSAGE, message, channel=scene.channel, user=scene.user, trigger=slack.new_trigger()
    )
    await scene.posted(scene.direct, "3 sentences: 1 not found, 2 different fact")


async def check_of_a_text(scene: Scene) -> None:
    assert "comparing each sentence" in await chosen(scene, "Check a text", text=f"{DRAFT} {SIGNS}")
    await scene.posted(scene.direct, "draft: 24 September 2024")


async def check_of_a_file(scene: Scene) -> None:
    slack, file = scene.slack, scene.slack.hosted.add("draft.txt", DRAFT.encode())
    file.gate = asyncio.Event()
    sent = await send_files(slack, file, text="Please check this", user=scene.user)
    reply = await slack.reply(scene.direct, sent["ts"])
    await press(slack, reply, "Stop", user=scene.user)
    # On a slow machine a press is acknowledged before it is stored.
    [key] = [one["value"] for one in elements(reply) if one["action_id"] == CHECK_STOP]
    await until_stored(lambda: bool(DraftJobStore.beside(scene.experts).stopped([key])))
    file.gate.set()
    await slack.until(lambda: "Stopped" in reply["text"])
    mentioned = await mention_with_files(slack, file, text="check", channel=scene.channel, user=scene.user)
    await scene.posted(scene.direct, "draft: 24 September 2024")
    assert slack.replies(scene.channel, mentioned["ts"]) == []


async def add_to_the_library(scene: Scene) -> None:
    slack, file = scene.slack, report_named(scene, "pointed")
    message = slack.say(scene.channel, "our report", **shared((file,)))
    await point_at(slack, message, channel=scene.channel, user=scene.user, trigger=slack.new_trigger())
    assert "is new here" in await upload_result(slack, scene.channel, message)


async def watched_pages(scene: Scene) -> None:
    slack, url = scene.slack, "http://127.0.0.1:9/council"
    assert f"I watch {url}" in await chosen(scene, "Watched pages", address=url)
    await slack.until(lambda: f"I cannot fetch {url}: its server cannot be reached" in str(slack.calls))
    shown = await scene.window(await scene.choices(), "Watched pages")
    await press(slack, shown, "Stop watching", user=scene.user)
    await slack.until(lambda: "no longer watched" in str(shown))


async def own_language(scene: Scene) -> None:
    shown = await scene.choices()
    await choose(scene.slack, shown, "Français", user=scene.user)
    await scene.slack.until(lambda: "Langue" in str(shown))


async def deadlines(scene: Scene) -> None:
    details = await scene.choose(await scene.typed("dates"), SUMMIT)
    assert "The Summit of the Future will be held" in details["text"]
    assert "I will remind you of" in (await scene.choose(details, "7 days before"))["text"]
    assert "I sent you" in (await scene.press(details, "Add to calendar"))["text"]
    # No entry here is without a date.
    button = {"type": "button", "action_id": UNDATED, "value": UNDATED, "text": {"text": "3 without a date"}}
    told = await scene.press({"blocks": [{"type": "actions", "elements": [button]}]}, "3 without a date")
    assert "Each entry has a date now." in told["text"]


async def corrections(scene: Scene) -> None:
    slack, listed = scene.slack, await scene.typed("dates")
    details = await scene.choose(listed, COMMENTS)
    form, asked = await opened_by(
        slack, press(slack, details, "Correct", user=scene.user, channel=scene.channel)
    )
    await send_off(slack, form, user=scene.user, title=f"{COMMENTS}, corrected {SIGNS}")
    corrected = await slack.response(asked)
    assert "corrected" in corrected["text"]
    assert COMMENTS in (await scene.press(corrected, "Undo"))["text"]


async def subscriptions(scene: Scene) -> None:
    assert "Subscribed" in (await scene.typed("subscribe weekly summit"))["text"]
    await scene.posted(scene.channel, f"<@{scene.user}> subscribed this channel")
    listed = await scene.typed("subscribe")
    assert "Ended" in (await scene.press(listed, "Unsubscribe"))["text"]
    await scene.posted(scene.channel, f"<@{scene.user}> ended")


async def calendars(scene: Scene) -> None:
    slack = scene.slack
    assert "https://bot.example.org/calendars/" in await chosen(scene, "Calendars", topic="summit")
    for label, shown in (
        ("Replace the address", "https://bot.example.org/calendars/"),
        ("End this calendar", "does not work any more"),
    ):
        listed = await scene.window(await scene.choices(), "Calendars")
        await press(slack, listed, label, user=scene.user)
        await slack.until(lambda listed=listed, shown=shown: shown in str(listed))


async def reminders(scene: Scene) -> None:
    details = await scene.choose(await scene.typed("dates"), SUMMIT)
    await scene.choose(details, "1 day before")
    listed = await scene.choices()
    await press(scene.slack, listed, "Cancel reminder", user=scene.user)
    await scene.slack.until(lambda: "Reminder:" not in str(listed))


async def sent_by_the_clock(scene: Scene) -> None:
    await scene.posted(scene.channel, "1 June 2024~ → ")
    await scene.posted(scene.channel, "Coming dates, as of 27 May 2024")
    await scene.posted(scene.direct, "Reminder: ")


async def home(scene: Scene) -> None:
    slack = scene.slack
    await slack.open_tab("home", user=scene.user)
    await slack.until(lambda: scene.user in slack.forms.homes)
    shown = slack.forms.homes[scene.user]
    assert SUMMIT in str(shown)
    await press(slack, shown, "All dates", user=scene.user)
    await scene.posted(scene.direct, SUMMIT)
    documents = await scene.window(shown, "Documents")
    assert "~seventy~ *eighty*" in str(await scene.window(documents, "What changed"))
    if "Keeping the library" in labels(shown):
        assert "Send me a file under *Messages*" in str(await scene.window(shown, "Keeping the library"))
    form = await scene.window(shown, "Subscribe")
    assert "Subscribed: all dates" in str((await send_off(slack, form, user=scene.user, topic="")).answer)
    kept = await scene.window(shown, "What do you keep about me?")
    await press(slack, kept, "Delete all of it", user=scene.user)
    await slack.until(lambda: "I keep nothing about you." in str(kept))


async def uploads(scene: Scene) -> None:
    slack, file = scene.slack, report_named(scene, "sent")
    sent = await send_files(slack, file, user=scene.user)
    assert "is new here" in await upload_result(slack, scene.direct, sent)
    [done] = [one for one in slack.messages[scene.direct] if "Share with everyone" in labels_of(one)]
    await press(slack, done, "Share with everyone", user=scene.user)
    await slack.until(
        lambda: (
            len(re.findall("In the library", str([one["text"] for one in slack.messages[scene.direct]]))) == 2
        )
    )


def report_named(scene: Scene, name: str) -> HostedFile:
    """Return a file in Slack whose content no other file has: a copy would be no document."""
    named = f"{name}-{scene.user}.txt"
    return scene.slack.hosted.add(named, SENT + f"\n\n1.9 This is {named}.\n".encode())


def labels_of(message: Message) -> list[str]:
    """Return the labels of a message's buttons, [] for a message without blocks."""
    return (
        [each["text"]["text"] for each in elements(message) if "text" in each] if "blocks" in message else []
    )


SURFACES: dict[str, Surface] = {
    each.__name__: each
    for each in (
        mention,
        direct_message,
        followed_thread,
        agent_pane,
        status_and_stop,
        streaming,
        sources,
        feedback,
        secretariat,
        answer_in_the_thread_of_the_secretariat,
        commands,
        brief,
        kept_in_its_conversation,
        ask_about_this_message,
        check_this,
        check_of_a_text,
        check_of_a_file,
        add_to_the_library,
        watched_pages,
        own_language,
        deadlines,
        corrections,
        subscriptions,
        calendars,
        reminders,
        sent_by_the_clock,
        home,
        uploads,
    )
}
