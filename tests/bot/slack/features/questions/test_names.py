"""Mentions of people, channels and user groups: the assistant reads their names."""

from __future__ import annotations

from tests.bot.slack.conftest import Assistant, Start
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack


async def test_mentions_of_others_are_read_by_their_names(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    slack.directory.people["U2"] = {"profile": {"display_name": "amina", "real_name": "Amina Diop"}}
    slack.directory.people["U3"] = {"profile": {"display_name": "", "real_name": "Bo Li"}}
    slack.directory.places["C2"] = {"name": "wsis"}
    slack.directory.places["C3"] = {"name": "secret", "is_private": True}
    slack.hosted.groups["S1"] = []
    await slack.mention(
        "C1", "Do <@U2>, <@U3> and <!subteam^S1> of <#C2> and <#C3> go to @UNESCO for #GDC25?"
    )
    await slack.until(lambda: bool(assistant.asked))
    assert assistant.questions == [
        "Do @amina, @Bo Li and @s1-team of #wsis and #channel go to @UNESCO for #GDC25?"
    ]


async def test_mentions_that_slack_does_not_name_stay_readable(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    await start(allow_guests=True, allow_external=True)
    # Slack is asked for the language of who asks, too.
    slack.faults["users.info"], slack.faults["conversations.info"] = [Fault("500")] * 9, [Fault("refuse")]
    await slack.direct("Does <@U2> of <#C2> go?")
    await slack.until(lambda: bool(assistant.asked))
    assert assistant.questions == ["Does @somebody of #channel go?"]
