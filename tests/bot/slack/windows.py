"""The windows that people open: what they can choose, and the forms behind it."""

from __future__ import annotations

from typing import Any

from tests.fake_slack.channels import Message
from tests.fake_slack.forms import View, opened_by, press, send_off
from tests.fake_slack.slack import FakeSlack


async def home(slack: FakeSlack, user: str = "U1") -> View:
    """Open the Home tab, and return it."""
    await slack.open_tab("home", user=user)
    await slack.until(lambda: user in slack.forms.homes)
    return slack.forms.homes[user]


async def choices(slack: FakeSlack, channel: str = "C1", user: str = "U1") -> View:
    """Type the command alone, and return the window that it opens."""
    view, _ = await opened_by(slack, slack.command("", channel=channel, user=user))
    return view


async def window(slack: FakeSlack, shown: View | Message, label: str, user: str = "U1", **how: Any) -> View:
    """Press a button that opens a window, and return that."""
    view, _ = await opened_by(slack, press(slack, shown, label, user=user, **how))
    return view


async def chosen(
    slack: FakeSlack, label: str, channel: str = "C1", user: str = "U1", **filled: Any
) -> tuple[View, dict[str, Any]]:
    """Choose a form after the command, and send it off; return it and how it was answered."""
    form = await window(slack, await choices(slack, channel, user), label, user)
    return form, await sent_off(slack, form, user=user, **filled)


async def sent_off(slack: FakeSlack, form: View, *, user: str = "U1", **filled: Any) -> dict[str, Any]:
    """Fill in a form and send it off; return how it was answered."""
    return dict((await send_off(slack, form, user=user, **filled)).answer)


async def direct(slack: FakeSlack, words: str, user: str = "U1") -> Message:
    """Wait for a direct message with these words."""
    channel = f"D{user[1:]}"

    def found() -> list[Message]:
        return [message for message in slack.replies(channel) if words in str(message)]

    await slack.until(lambda: bool(found()))
    return found()[-1]


async def alone(slack: FakeSlack, words: str, channel: str = "C1") -> str:
    """Wait for what one person alone sees in a channel, or by the address of their command; return its text."""

    def found() -> list[str]:
        shown = [each for each in slack.directory.whispers if each["channel"] == channel]
        replies = [each for responses in slack.responses.values() for each in responses]
        return [str(each["text"]) for each in [*shown, *replies] if words in str(each)]

    await slack.until(lambda: bool(found()))
    return found()[0]
