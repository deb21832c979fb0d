"""In Slack everybody reads their own language: a person that of their Slack, a channel that of its setting."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.answering.answer import Answer
from bot.languages import language_of
from bot.locales import LANGUAGES, _, in_language
from bot.slack.features.follow.subscriptions import Subscriptions, channel_digest
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Assistant, cited_answer
from tests.bot.slack.services import workspace_services
from tests.bot.slack.windows import home
from tests.fake_slack.slack import FakeSlack

OTHERS = [code for code in LANGUAGES if code != "en"]
LOCALES = {"fr": "fr-CA", "es": "es-LA", "ru": "ru-RU", "zh": "zh-CN", "ar": "ar-EG"}


def speaks(slack: FakeSlack, code: str, user: str = "U1") -> None:
    slack.directory.people[user] = {"locale": LOCALES[code]}


@pytest.mark.parametrize("code", OTHERS)
async def test_commands_and_the_home_are_in_the_language_of_the_person(
    slack: FakeSlack, bot: object, code: str
) -> None:
    speaks(slack, code)
    dates = str((await slack.response(await slack.command("dates")))["blocks"])
    tab = str((await home(slack))["blocks"])
    with in_language(code):
        expected = [(dates, f"'{_(head)}'") for head in ("When", "What", "Stated in")]
        expected += [(tab, _(head)) for head in ("Coming dates", "All dates")]
    assert [words for shown, words in expected if words not in shown] == []


async def test_two_people_read_two_languages_at_once(slack: FakeSlack, bot: object) -> None:
    speaks(slack, "fr", "U1")
    speaks(slack, "ru", "U2")
    commands = [await slack.command("help", user=user) for user in ("U1", "U2", "U1", "U2")]
    shown = [str((await slack.response(command))["blocks"]) for command in commands]
    with in_language("fr"):
        french = _("an answer, in our messages")
    assert [french in one for one in shown] == [True, False, True, False]


class Polyglot(Assistant):
    """Answers in the language of the question, or in the one in use where that is unsure."""

    def answer(self, question: str, **options: Any) -> Answer:
        asked = super().answer(question, **options)
        return replace(cited_answer(question), text=asked.text, language=language_of(question))


@pytest.fixture
def assistant() -> Assistant:
    return Polyglot()


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("Quelles sont les échéances avant le Sommet ?", "fr"),
        ("¿Cuáles son los plazos antes de la Cumbre?", "es"),
        ("Какие сроки истекают до Саммита?", "ru"),
        ("峰会之前有哪些截止日期？", "zh"),
        ("ما هي المواعيد النهائية قبل مؤتمر القمة؟", "ar"),
    ],
)
async def test_what_stands_below_an_answer_is_in_the_language_of_the_question(
    slack: FakeSlack, bot: object, question: str, code: str
) -> None:
    asked = await slack.mention("C1", question)
    reply = await slack.reply("C1", asked["ts"])
    with in_language(code):
        assert _("p. {page}", page=3) in json.dumps(reply["blocks"], ensure_ascii=False)


async def test_the_digest_of_a_channel_is_in_the_language_of_its_setting(
    slack: FakeSlack, state: QuestionStore
) -> None:
    services = workspace_services(slack, state, channel_languages={"C1": "zh"})
    await Subscriptions(services).digests.post(channel_digest("T0TEAM", "C1"), date(2024, 5, 1))

    [posted] = slack.messages["C1"]
    with in_language("zh"):
        assert _("Coming dates, as of {day}", day="2024年5月1日") in str(posted["blocks"])
