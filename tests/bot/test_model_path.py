"""The whole path with a chat model: the bundled report, the real search, and a model that says what it is told to."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.tracers.context import collect_runs

from bot.answers import Answer, StreamedSentence
from bot.assistant import Assistant
from bot.llm import ChatModel, ModelJudge, QuestionParser, ReplyLimits, Writer
from bot.question import Turn
from bot.question.lexicon import small_talk
from bot.question.small_talk import SmallTalk
from bot.wiring import Services
from tests.bot.gold_runs import with_model
from tests.bot.llm.fake_chat import FakeChat, Refused, Reply, Usage
from tests.model_server import NAME, serving

DAY = date(2024, 5, 1)
WHEN = "When is the Summit of the Future?"
RIGHT = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."
PACT = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1]."
SIDS = "When does SIDS4 start?"


@dataclass
class Desk:
    """Asks an assistant whose model gives `replies` in turn; `said` is what came before each answer."""

    assistant: Assistant
    chat: FakeChat
    said: list[StreamedSentence] = field(default_factory=list)

    def ask(self, question: str, *before: str, as_of: date = DAY) -> Answer:
        self.said.clear()
        history = [Turn("user", text) for text in before]
        return self.assistant.answer(question, history=history, as_of=as_of, on_sentence=self.said.append)


Desks = Callable[..., Desk]


@pytest.fixture(scope="module")
def desk(report: Services) -> Desks:
    """What makes a desk; all of them share what has to be embedded."""
    talk = SmallTalk(report.search.embedder, small_talk())

    def make(
        *replies: Reply, limits: ReplyLimits | None = None, parser: QuestionParser | None = None
    ) -> Desk:
        chat = FakeChat(list(replies))
        model = chat.model(limits)
        vector = report.search.embedder.encode_question
        writer = Writer(model, ModelJudge(model), lambda: DAY, lambda one, other: vector(one) @ vector(other))
        assistant = Assistant(
            report.search, talk, report.register, lambda: DAY, writer, report.changes, parser
        )
        return Desk(assistant, chat)

    return make


Parses = Callable[[dict[str, Any]], QuestionParser]


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parses]:
    """What makes a parser whose model, asked over the wire, fills the form so."""
    with ExitStack() as running:

        def make(form: dict[str, Any]) -> QuestionParser:
            server = running.enter_context(serving(lambda _: form))
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            return QuestionParser(ChatModel(NAME))

        yield make


def test_the_answer_is_the_models_and_cited(desk: Desks) -> None:
    answer = desk(RIGHT).ask(WHEN)

    assert answer.text == "The Summit of the Future is scheduled for 22-23 September 2024. [1]"
    assert (answer.answered, answer.model, answer.note) == (True, "fake:model", None)
    assert answer.citations[0].section == "2.2"


@pytest.mark.parametrize(
    ("reply", "counts"),
    [
        (f"{RIGHT} {PACT}", {2}),
        # Whether the second one was known to be whole does not matter.
        ([f"{RIGHT} {PACT} And then", ConnectionError("cut")], {1, 2}),
        (f"Nothing moved to Rome [1]. {RIGHT} {RIGHT} {PACT}", {2, 3}),
    ],
)
def test_what_is_said_begins_the_answer(desk: Desks, reply: Reply, counts: set[int]) -> None:
    at = desk(reply)
    answer = at.ask(WHEN)

    assert len(at.said) in counts
    assert answer.text.startswith(" ".join(d.text for d in at.said))


def test_markers_of_what_is_said_mean_the_same_in_the_answer(desk: Desks) -> None:
    at = desk(f"{RIGHT} {PACT}")
    answer = at.ask(WHEN)

    finally_meant = {c.marker: c.section for c in answer.citations}
    assert all(finally_meant[c.marker] == c.section for d in at.said for c in d.citations)


@pytest.mark.parametrize(
    "reply", [[Refused(401)], "The Summit of the Future was cancelled by Kofi Annan [1].", "Nobody knows."]
)
def test_without_a_usable_text_the_documents_answer_and_it_says_so(desk: Desks, reply: Reply) -> None:
    at = desk(reply)
    answer = at.ask(WHEN)

    assert answer.answered
    assert "22-23 September 2024" in answer.text
    assert answer.model == "extractive"
    assert str(answer.to_json()["note"]).startswith("The documents' own sentences, because")
    assert at.said == []


def test_a_model_that_is_too_slow_is_not_waited_for(desk: Desks) -> None:
    for_ever = threading.Event()
    answer = desk([for_ever], limits=ReplyLimits(total=0.05)).ask(WHEN)
    for_ever.set()

    assert (answer.answered, answer.model) == (True, "extractive")
    assert "sent nothing for" in str(answer.note)


def test_the_model_decides_that_the_passages_do_not_answer(desk: Desks) -> None:
    answer = desk("NO ANSWER").ask("Who are the co-facilitators of the GDC?")

    assert (answer.answered, answer.reason, answer.model) == (False, "no evidence", "fake:model")
    assert answer.nearest


def test_a_date_that_the_model_does_not_find_in_the_passages_is_the_registers(desk: Desks) -> None:
    assert desk("NO ANSWER").ask(WHEN).text.startswith("Summit of the Future: 22–23 September 2024")


def test_the_model_decides_that_the_passages_answer(desk: Desks, report: Services) -> None:
    question = "Do ambassadors of some kind steer the big autumn gathering?"
    said = "The Permanent Representatives of Germany and Namibia are co-facilitators of the Summit of the Future [1]."
    at = desk(said)
    found = [hit.section.number for hit in report.assistant.find(question).hits]
    at.chat.replies = [said.replace("[1]", f"[{found.index('2.2') + 1}]")]

    assert not report.assistant.answer(question, as_of=DAY).answered, "otherwise there is nothing to decide"
    assert at.ask(question).model == "fake:model"


def test_where_nothing_of_the_models_stands_the_evidence_decides(desk: Desks) -> None:
    question = "What is the price of a Starlink subscription?"

    answer = desk("The price of Starlink is 40 euros [1].").ask(question)

    assert (answer.answered, answer.model) == (False, "extractive")


def test_a_replaced_statement_lowers_confidence_and_is_named(desk: Desks) -> None:
    answer = desk(f"{PACT} The Summit of the Future is scheduled for 24-25 September 2024 [1].").ask(WHEN)

    (removed,) = answer.to_json()["removed"]
    assert (answer.confidence, answer.judged) == ("low", True)
    assert "22-23 September 2024" in str(removed["replaced_by"])
    assert removed["check"] == "days"


def test_a_judge_that_cannot_be_asked_is_told(desk: Desks) -> None:
    at = desk(RIGHT)
    at.chat.verdicts = {"": [Refused(500)]}

    answer = at.ask(WHEN)

    assert (answer.confidence, answer.to_json()["judged"]) == ("low", False)


def test_a_model_that_is_down_is_not_waited_for(desk: Desks) -> None:
    at = desk([Refused(503)])
    notes = [at.ask(WHEN).note or "" for _ in range(4)]

    assert len(at.chat.asked) == 3
    assert "Refused 503" in notes[2]
    assert notes[3].startswith(
        "The documents' own sentences, because fake:model does not answer; it is asked again in"
    )


def test_the_fallback_is_named_where_it_answered(report: Services) -> None:
    first, second = FakeChat([[Refused(503)]]), FakeChat([RIGHT])

    def make(name: str, **options: object) -> BaseChatModel:
        return (first if name == "fake:first" else second).make(name, **options)

    services = with_model(report, "fake:first", make, fallback="fake:second")
    answer = services.assistant.answer(WHEN, as_of=DAY)

    assert (answer.text, answer.model) == (
        "The Summit of the Future is scheduled for 22-23 September 2024. [1]",
        "fake:second",
    )


def test_one_trace_shows_a_question_from_retrieval_to_judge(desk: Desks) -> None:
    with collect_runs() as traced:
        desk(RIGHT).ask(WHEN)

    (run,) = traced.traced_runs
    assert run.name == "question"
    assert [child.run_type for child in run.child_runs] == ["retriever", "llm", "llm"]


def test_questions_about_time_stay_with_the_register(desk: Desks) -> None:
    at = desk("Anything [1].")

    assert "9–10 May 2024" in at.ask("What is coming up in the next month?").text
    assert at.chat.asked == []


def test_the_model_is_told_what_has_become_of_dates(desk: Desks) -> None:
    at = desk(RIGHT)
    at.ask(WHEN, as_of=date(2024, 10, 1))

    assert "past: Summit of the Future: 22–23 September 2024" in at.chat.asked[0][1]


def test_a_follow_up_is_read_by_the_model(desk: Desks, parses: Parses) -> None:
    at = desk([Refused(500)], parser=parses({"question": "Where is SIDS4?", "about": "documents"}))
    answer = at.ask("and where is it?", SIDS)

    assert answer.standalone_question == "Where is SIDS4?"
    assert (
        "Question (it gives no instructions about the form of the answer): Where is SIDS4?"
        in at.chat.asked[0][1]
    )
    assert "Antigua and Barbuda" in answer.text


def test_a_question_that_makes_things_up_is_not_used(desk: Desks, parses: Parses) -> None:
    parser = parses({"question": "Where is the Starlink launch?", "about": "documents"})
    answer = desk([Refused(500)], parser=parser).ask("and where is it?", SIDS)

    assert answer.standalone_question == f"and where is it? ({SIDS})"
    assert "Antigua and Barbuda" in answer.text


def test_what_is_asked_of_the_register_is_read_by_the_model(desk: Desks, parses: Parses) -> None:
    form = {"question": "?", "about": "dates", "wants": "list", "period": "May 2024", "place": "Nairobi"}
    at = desk("Anything [1].", parser=parses(form))
    answer = at.ask("can i combine it w sth in kenya next month or so")

    assert answer.text.splitlines()[1].startswith("UN Civil Society Conference: 9–10 May 2024, Nairobi")
    assert at.chat.asked == []


def test_what_the_model_takes_for_talk_is_answered_as_talk(desk: Desks, parses: Parses) -> None:
    parser = parses({"question": "see you tomorrow then", "about": "talk"})
    assert desk(parser=parser).ask("see you tomorrow then").reason == "small talk"


@pytest.mark.parametrize("turn", ["Who approved the AI white paper?", "thank you!"])
def test_what_neither_goes_on_nor_speaks_of_time_is_not_read(desk: Desks, turn: str) -> None:
    with serving(lambda _: 500) as server:
        parser = QuestionParser(ChatModel(NAME))
        desk("NO ANSWER", parser=parser).ask(turn, "What is coming up in May 2024?")
        assert server.asked == []


def test_tokens_of_all_requests_are_counted(desk: Desks, parses: Parses) -> None:
    said = "SIDS4 is scheduled to take place in Antigua and Barbuda [1]."
    parser = parses({"question": "Where is SIDS4?", "about": "documents"})
    at = desk([said, Usage(900, 20)], parser=parser)
    at.chat.verdicts = {"": ["1 yes", Usage(300, 3)]}

    tokens = at.ask("and where is it?", SIDS).tokens

    assert tokens is not None
    assert (tokens.input > 1200, tokens.output >= 23, tokens.estimated) == (True, True, False)


def test_without_a_model_no_tokens_are_counted(report: Services) -> None:
    assert report.assistant.answer(WHEN, as_of=DAY).to_json()["tokens"] is None


def test_each_part_of_a_question_is_answered_by_itself(report: Services) -> None:
    answer = report.assistant.answer("Where and when is SIDS4; what about the LLDC conference?", as_of=DAY)

    assert "27 to 30 May 2024" in answer.text
    assert "postponed" in answer.text
    assert {c.section for c in answer.citations} == {"3.1", "3.2"}


def test_a_part_that_the_documents_do_not_say_is_named(report: Services) -> None:
    question = "When is the Summit of the Future, and what is the price of a Starlink subscription?"
    answer = report.assistant.answer(question, as_of=DAY)

    assert "22-23 September 2024" in answer.text
    assert answer.to_json()["unanswered"] == ["what is the price of a Starlink subscription?"]
    assert len(re.findall(r"\[\d+\]", answer.text)) == len(answer.citations)


def test_parts_are_numbered_through(desk: Desks) -> None:
    at = desk(RIGHT, "SIDS4 is scheduled to take place in Antigua and Barbuda from 27 to 30 May 2024 [1].")
    answer = at.ask("When is the Summit of the Future, and where is SIDS4?")

    assert len(at.chat.asked) == 2
    assert re.findall(r"\[\d\]", answer.text) == ["[1]", "[2]"]
    assert [c.section for c in answer.citations] == ["2.2", "3.1"]


def test_a_part_that_the_model_fails_on_is_the_documents(desk: Desks) -> None:
    at = desk(RIGHT, [Refused(401)])
    answer = at.ask("When is the Summit of the Future, and where is SIDS4?")

    assert "Antigua and Barbuda" in answer.text
    assert "Refused 401" in str(answer.note)


def test_a_question_about_time_stays_whole(report: Services) -> None:
    whole = report.assistant.answer("What is due this month?", as_of=DAY)
    answer = report.assistant.answer("What is due this month, and what comes after?", as_of=DAY)

    assert answer.text == whole.text
