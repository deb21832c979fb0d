"""The path of a question with a chat model: the bundled report, the real search, and a fake model."""

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
from bot.llm import ChatModel, EntailmentJudge, Judge, ModelJudge, QuestionParser, ReplyLimits, Writer
from bot.question import Turn
from bot.question.small_talk import SmallTalk
from bot.wiring import Services
from store.vectors import cosine
from tests.bot.gold_runs import with_model
from tests.bot.llm.fake_chat import FakeChat, Refused, Reply, Usage
from tests.model_server import NAME, serving

DAY = date(2024, 5, 1)
WHEN = "When is the Summit of the Future?"
RIGHT = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."
PACT = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1]."
SIDS = "When does SIDS4 start?"


@dataclass
class AssistantWithModel:
    """An assistant with a fake model; `streamed` are the sentences that came before its last answer."""

    assistant: Assistant
    chat: FakeChat
    streamed: list[StreamedSentence] = field(default_factory=list)

    def ask(self, question: str, *before: str, as_of: date = DAY) -> Answer:
        self.streamed.clear()
        history = [Turn("user", text) for text in before]
        return self.assistant.answer(question, history=history, as_of=as_of, on_sentence=self.streamed.append)


MakeAssistant = Callable[..., AssistantWithModel]


@pytest.fixture(scope="module")
def assistant_with(report: Services) -> MakeAssistant:
    """Return a function that makes an assistant whose model gives these replies in turn."""
    talk = SmallTalk(report.search.embedder)

    def make(
        *replies: Reply,
        limits: ReplyLimits | None = None,
        parser: QuestionParser | None = None,
        judge_of: Callable[[ChatModel], Judge | None] = ModelJudge,
    ) -> AssistantWithModel:
        chat = FakeChat(list(replies))
        model = chat.model(limits)
        vector = report.search.embedder.encode_question
        writer = Writer(
            model,
            judge_of(model),
            lambda: DAY,
            lambda one, other, language: cosine(vector(one, language), vector(other, language)),
        )
        assistant = Assistant(
            report.search, talk, report.register, lambda: DAY, writer, report.changes, parser
        )
        return AssistantWithModel(assistant, chat)

    return make


MakeParser = Callable[[dict[str, Any]], QuestionParser]


@pytest.fixture
def parser_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeParser]:
    """Yield a function that makes a parser whose model, on a server, replies with this form."""
    with ExitStack() as running:

        def make(form: dict[str, Any]) -> QuestionParser:
            server = running.enter_context(serving(lambda _: form))
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            return QuestionParser(ChatModel(NAME))

        yield make


def test_answer_is_the_models_with_citations(assistant_with: MakeAssistant) -> None:
    answer = assistant_with(RIGHT).ask(WHEN)

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
def test_streamed_sentences_begin_the_answer(
    assistant_with: MakeAssistant, reply: Reply, counts: set[int]
) -> None:
    assistant = assistant_with(reply)
    answer = assistant.ask(WHEN)

    assert len(assistant.streamed) in counts
    assert answer.text.startswith(" ".join(d.text for d in assistant.streamed))


def test_markers_of_streamed_sentences_stay(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with(f"{RIGHT} {PACT}")
    answer = assistant.ask(WHEN)

    finally_meant = {c.marker: c.section for c in answer.citations}
    assert all(finally_meant[c.marker] == c.section for d in assistant.streamed for c in d.citations)


@pytest.mark.parametrize(
    "reply", [[Refused(401)], "The Summit of the Future was cancelled by Kofi Annan [1].", "Nobody knows."]
)
def test_unusable_reply_gives_an_extractive_answer_with_a_note(
    assistant_with: MakeAssistant, reply: Reply
) -> None:
    assistant = assistant_with(reply)
    answer = assistant.ask(WHEN)

    assert answer.answered
    assert "22-23 September 2024" in answer.text
    assert answer.model == "extractive"
    assert str(answer.to_json()["note"]).startswith("The documents' own sentences, because")
    assert assistant.streamed == []


def test_slow_model_gives_an_extractive_answer(assistant_with: MakeAssistant) -> None:
    for_ever = threading.Event()
    answer = assistant_with([for_ever], limits=ReplyLimits(total=0.05)).ask(WHEN)
    for_ever.set()

    assert (answer.answered, answer.model) == (True, "extractive")
    assert "sent nothing for" in str(answer.note)


def test_model_can_refuse(assistant_with: MakeAssistant) -> None:
    answer = assistant_with("NO ANSWER").ask("Who are the co-facilitators of the GDC?")

    assert (answer.answered, answer.reason, answer.model) == (False, "no evidence", "fake:model")
    assert answer.nearest


def test_register_answers_a_date_that_the_model_refuses(assistant_with: MakeAssistant) -> None:
    assert assistant_with("NO ANSWER").ask(WHEN).text.startswith("Summit of the Future: 22–23 September 2024")


@pytest.mark.parametrize("said", ["", "\nNO ANSWER: where", "\nNO ANSWER: the weather"])
def test_kind_that_the_model_leaves_out_is_named_once(assistant_with: MakeAssistant, said: str) -> None:
    reply = f"The Summit of the Future is scheduled for 22-23 September 2024 [1].{said}"
    answer = assistant_with(reply).ask("When is the Summit of the Future, and where?")

    assert answer.text == "The Summit of the Future is scheduled for 22-23 September 2024. [1]"
    assert (answer.unanswered, answer.model) == (("where",), "fake:model")


def test_register_answers_the_kind_that_the_model_names(assistant_with: MakeAssistant) -> None:
    reply = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1].\nNO ANSWER: when"
    answer = assistant_with(reply).ask("When is the Summit of the Future?")

    assert "22–23 September 2024" in answer.text
    assert answer.unanswered == ()


def test_model_can_answer_what_would_be_refused_without_it(
    assistant_with: MakeAssistant, report: Services
) -> None:
    question = "Do ambassadors of some kind steer the big autumn gathering?"
    reply = "The Permanent Representatives of Germany and Namibia are co-facilitators of the Summit of the Future [1]."
    assistant = assistant_with(reply)
    found = [hit.section.number for hit in report.assistant.find(question).hits]
    assistant.chat.replies = [reply.replace("[1]", f"[{found.index('2.2') + 1}]")]

    assert not report.assistant.answer(question, as_of=DAY).answered, "otherwise there is nothing to decide"
    assert assistant.ask(question).model == "fake:model"


def test_answerability_decides_if_no_statement_passes(assistant_with: MakeAssistant) -> None:
    question = "What is the price of a Starlink subscription?"

    answer = assistant_with("The price of Starlink is 40 euros [1].").ask(question)

    assert (answer.answered, answer.model) == (False, "extractive")


def test_replaced_statement_lowers_the_confidence(assistant_with: MakeAssistant) -> None:
    answer = assistant_with(
        f"{PACT} The Summit of the Future is scheduled for 24-25 September 2024 [1]."
    ).ask(WHEN)

    (removed,) = answer.to_json()["removed"]
    assert (answer.confidence, answer.judged) == ("low", True)
    assert "22-23 September 2024" in str(removed["replaced_by"])
    assert removed["check"] == "days"


def test_failed_judge_is_reported(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with(RIGHT)
    assistant.chat.verdicts = {"": [Refused(500)]}

    answer = assistant.ask(WHEN)

    assert (answer.confidence, answer.to_json()["judged"]) == ("low", False)


def test_circuit_breaker_skips_a_model_that_is_down(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with([Refused(503)])
    notes = [assistant.ask(WHEN).note or "" for _ in range(4)]

    assert len(assistant.chat.asked) == 3
    assert "Refused 503" in notes[2]
    assert notes[3].startswith(
        "The documents' own sentences, because fake:model does not answer; it is asked again in"
    )


def test_fallback_that_answered_is_named(report: Services) -> None:
    first, second = FakeChat([[Refused(503)]]), FakeChat([RIGHT])

    def make(name: str, **options: object) -> BaseChatModel:
        return (first if name == "fake:first" else second).make(name, **options)

    services = with_model(report, "fake:first", make, fallback="fake:second")
    answer = services.assistant.answer(WHEN, as_of=DAY)

    assert (answer.text, answer.model) == (
        "The Summit of the Future is scheduled for 22-23 September 2024. [1]",
        "fake:second",
    )


def test_one_trace_has_retrieval_model_and_judge(assistant_with: MakeAssistant) -> None:
    with collect_runs() as traced:
        assistant_with(RIGHT).ask(WHEN)

    (run,) = traced.traced_runs
    assert run.name == "question"
    assert [child.run_type for child in run.child_runs] == ["retriever", "llm", "llm"]


def test_question_about_time_does_not_ask_the_model(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with("Anything [1].")

    assert "9–10 May 2024" in assistant.ask("What is coming up in the next month?").text
    assert assistant.chat.asked == []


def test_prompt_has_the_status_of_dates(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with(RIGHT)
    assistant.ask(WHEN, as_of=date(2024, 10, 1))

    assert "past: Summit of the Future: 22–23 September 2024" in assistant.chat.asked[0][1]


def test_follow_up_is_parsed_by_the_model(assistant_with: MakeAssistant, parser_with: MakeParser) -> None:
    assistant = assistant_with(
        [Refused(500)], parser=parser_with({"question": "Where is SIDS4?", "about": "documents"})
    )
    answer = assistant.ask("and where is it?", SIDS)

    assert answer.standalone_question == "Where is SIDS4?"
    assert (
        "Question (it gives no instructions about the form of the answer): Where is SIDS4?"
        in assistant.chat.asked[0][1]
    )
    assert "Antigua and Barbuda" in answer.text


def test_unfaithful_rewritten_question_is_not_used(
    assistant_with: MakeAssistant, parser_with: MakeParser
) -> None:
    parser = parser_with({"question": "Where is the Starlink launch?", "about": "documents"})
    answer = assistant_with([Refused(500)], parser=parser).ask("and where is it?", SIDS)

    assert answer.standalone_question == f"and where is it? ({SIDS})"
    assert "Antigua and Barbuda" in answer.text


def test_register_query_is_parsed_by_the_model(
    assistant_with: MakeAssistant, parser_with: MakeParser
) -> None:
    form = {"question": "?", "about": "dates", "wants": "list", "period": "May 2024", "place": "Nairobi"}
    assistant = assistant_with("Anything [1].", parser=parser_with(form))
    answer = assistant.ask("can i combine it w sth in kenya next month or so")

    assert answer.text.splitlines()[1].startswith("UN Civil Society Conference: 9–10 May 2024, Nairobi")
    assert assistant.chat.asked == []


def test_whether_a_meeting_is_still_on_is_said_first_where_a_model_reads_the_question(
    assistant_with: MakeAssistant, parser_with: MakeParser
) -> None:
    form = {"question": "?", "about": "dates", "wants": "status", "topics": ["LLDC conference"]}
    answer = assistant_with("Anything [1].", parser=parser_with(form)).ask("Is the LLDC conference still on?")

    assert answer.text.startswith("Postponed – Third International Conference on Landlocked Countries: ")


def test_question_in_another_language_is_found_by_its_translation(
    assistant_with: MakeAssistant, parser_with: MakeParser
) -> None:
    parser = parser_with({"question": "Who approved the AI white paper?", "about": "documents"})
    answer = assistant_with([Refused(500)], parser=parser).ask(
        "Qui l'a approuvé, ce document ?", "Le Livre blanc"
    )

    assert (answer.language, answer.standalone_question) == ("fr", "Who approved the AI white paper?")
    assert answer.citations[0].section == "2.10"


def test_prompt_has_a_question_as_typed_and_translated(
    assistant_with: MakeAssistant, parser_with: MakeParser
) -> None:
    parser = parser_with({"question": "When is the Summit of the Future?", "about": "documents"})
    assistant = assistant_with("NO ANSWER", parser=parser)
    assistant.ask("Quand a lieu le Sommet de l'avenir ?")

    assert (
        "Quand a lieu le Sommet de l'avenir ? (When is the Summit of the Future?)"
        in assistant.chat.asked[0][1]
    )


def test_list_asked_for_in_another_language_is_the_registers(
    assistant_with: MakeAssistant, parser_with: MakeParser
) -> None:
    form = {"question": "What is on in May 2024?", "about": "dates", "wants": "list", "period": "May 2024"}
    assistant = assistant_with("Anything [1].", parser=parser_with(form))
    answer = assistant.ask("Qu'y a-t-il au programme en mai 2024 ?")

    assert "UN Civil Society Conference: 9–10 May 2024" in answer.text
    assert assistant.chat.asked == []


def test_thanks_in_another_language_are_not_read_by_the_model(assistant_with: MakeAssistant) -> None:
    with serving(lambda _: 500) as server:
        parser = QuestionParser(ChatModel(NAME))
        assert assistant_with(parser=parser).ask("Merci beaucoup !").reason == "small talk"
        assert server.asked == []


def test_small_talk_by_the_models_parse(assistant_with: MakeAssistant, parser_with: MakeParser) -> None:
    parser = parser_with({"question": "see you tomorrow then", "about": "talk"})
    assert assistant_with(parser=parser).ask("see you tomorrow then").reason == "small talk"


@pytest.mark.parametrize("turn", ["Who approved the AI white paper?", "thank you!"])
def test_other_questions_are_not_parsed_by_the_model(assistant_with: MakeAssistant, turn: str) -> None:
    with serving(lambda _: 500) as server:
        parser = QuestionParser(ChatModel(NAME))
        assistant_with("NO ANSWER", parser=parser).ask(turn, "What is coming up in May 2024?")
        assert server.asked == []


def test_tokens_of_all_requests_are_counted(assistant_with: MakeAssistant, parser_with: MakeParser) -> None:
    reply = "SIDS4 is scheduled to take place in Antigua and Barbuda [1]."
    parser = parser_with({"question": "Where is SIDS4?", "about": "documents"})
    assistant = assistant_with([reply, Usage(900, 20)], parser=parser)
    assistant.chat.verdicts = {"": ["1 yes", Usage(300, 3)]}

    tokens = assistant.ask("and where is it?", SIDS).tokens

    assert tokens is not None
    assert (tokens.input > 1200, tokens.output >= 23, tokens.estimated) == (True, True, False)


def test_without_a_model_no_tokens_are_counted(report: Services) -> None:
    assert report.assistant.answer(WHEN, as_of=DAY).to_json()["tokens"] is None


def test_markers_are_numbered_across_parts(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with(
        RIGHT, "SIDS4 is scheduled to take place in Antigua and Barbuda from 27 to 30 May 2024 [1]."
    )
    answer = assistant.ask("When is the Summit of the Future, and where is SIDS4?")

    assert len(assistant.chat.asked) == 2
    assert re.findall(r"\[\d\]", answer.text) == ["[1]", "[2]"]
    assert [c.section for c in answer.citations] == ["2.2", "3.1"]


def test_part_whose_model_request_fails_is_extractive(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with(RIGHT, [Refused(401)])
    answer = assistant.ask("When is the Summit of the Future, and where is SIDS4?")

    assert "Antigua and Barbuda" in answer.text
    assert "Refused 401" in str(answer.note)


QUAND = "Quand a lieu le Sommet de l'avenir ?"
SOMMET = "Le Sommet de l'avenir est prévu les 22 et 23 septembre 2024"


def place_of(report: Services, question: str, section: str) -> int:
    """Return the number of a paragraph among the passages of the prompt for a question."""
    return [hit.section.number for hit in report.assistant.find(question).hits].index(section) + 1


OTHERS = {
    QUAND: SOMMET,
    "¿Cuándo es la Cumbre del Futuro?": "La Cumbre del Futuro está prevista para el 22 y 23 de septiembre de 2024",
    "Когда состоится Саммит будущего?": "Саммит будущего запланирован на 22–23 сентября 2024 года",
    "未来峰会什么时候举行？": "未来峰会定于2024年9月22日至23日举行",
    "متى ينعقد مؤتمر القمة المعني بالمستقبل؟": "من المقرر عقد مؤتمر القمة المعني بالمستقبل في 22 و23 سبتمبر 2024",
}


@pytest.mark.parametrize("question", OTHERS)
def test_model_answers_in_the_language_of_the_question_and_quotes_the_document(
    assistant_with: MakeAssistant, report: Services, question: str
) -> None:
    said = OTHERS[question]
    assistant = assistant_with(f"{said} [{place_of(report, question, '2.2')}].")
    answer = assistant.ask(question)

    assert (answer.model, answer.judged, answer.text) == ("fake:model", True, f"{said}. [1]")
    assert "22-23 September 2024" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("reply", "check"),
    [
        ("Le Sommet de l'avenir est prévu les 21 et 22 septembre 2024", "days"),
        ("Le Sommet de l'avenir réunira 300 ministres de l'éducation", "numbers"),
        ("The Summit of the Future is scheduled for 22-23 September 2024", "language"),
        ("Le Sommet de l'avenir adoptera la résolution A/RES/77/307", "symbols"),
    ],
)
def test_sentence_in_another_language_whose_facts_the_passage_lacks_is_left_out(
    assistant_with: MakeAssistant, report: Services, reply: str, check: str
) -> None:
    place = place_of(report, QUAND, "2.2")
    answer = assistant_with(f"{reply} [{place}]. {SOMMET} [{place}].").ask(QUAND)

    assert answer.text == f"{SOMMET}. [1]"
    assert [(removed.check, removed.replaced_by) for removed in answer.removed] == [(check, None)]


@pytest.mark.parametrize(
    "judge_of",
    [lambda _: None, lambda _: EntailmentJudge(lambda *_: "entailment")],
    ids=["none", "of English"],
)
def test_without_a_judge_of_the_language_the_documents_are_quoted(
    assistant_with: MakeAssistant, report: Services, judge_of: Callable[[ChatModel], Judge | None]
) -> None:
    reply = f"{SOMMET} [{place_of(report, QUAND, '2.2')}]."
    answer = assistant_with(reply, judge_of=judge_of).ask(QUAND)

    assert (answer.model, answer.confidence) == ("extractive", "low")
    assert "22-23 September 2024" in answer.text


def test_refusal_of_the_model_is_in_the_language_of_the_question(assistant_with: MakeAssistant) -> None:
    answer = assistant_with("NO ANSWER").ask("Combien coûte le Sommet de l’avenir ?")

    assert (answer.answered, answer.reason) == (False, "no evidence")
    assert answer.text.startswith("Je ne trouve pas de réponse")
    assert answer.nearest


def test_prompt_asks_for_the_language_of_the_question(assistant_with: MakeAssistant) -> None:
    assistant = assistant_with("NO ANSWER")
    assistant.ask(QUAND)

    instructions, _ = assistant.chat.asked[-1]
    assert "sentences in French" in instructions


GERMAN = "Wann findet der Zukunftsgipfel der Vereinten Nationen statt?"


def test_a_question_in_a_seventh_language_is_answered_in_english(
    assistant_with: MakeAssistant, parser_with: MakeParser, report: Services
) -> None:
    """What a model writes in it could not be checked."""
    asked = "When is the Summit of the Future?"
    said = "The Summit of the Future is scheduled for 22-23 September 2024"
    parser = parser_with({"question": asked, "about": "documents"})
    assistant = assistant_with(f"{said} [{place_of(report, asked, '2.2')}].", parser=parser)
    answer = assistant.ask(GERMAN)

    assert (answer.language, answer.model, answer.text) == ("en", "fake:model", f"{said}. [1]")
    assert "in the language of your question" in (answer.note or "")


def test_without_a_model_a_seventh_language_is_not_read(assistant_with: MakeAssistant) -> None:
    answer = assistant_with("Anything [1].").ask(GERMAN)

    assert answer.reason == "language"
    assert answer.text.startswith("Danke für Ihre Frage")
