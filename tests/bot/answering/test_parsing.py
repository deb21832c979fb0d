"""A model's reply is parsed into sentences with markers, whatever markup is around them."""

from __future__ import annotations

import time

import pytest

from bot.answering.parsing import ReplyParser, is_no_answer, sentences_of, unanswered_part


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is on 22 May [1].", [("It is on 22 May.", (0,))]),
        ("It is on 22 May. [1] It is in Rome. [2]", [("It is on 22 May.", (0,)), ("It is in Rome.", (1,))]),
        ("It is late [1][3].", [("It is late.", (0, 2))]),
        ("It is late [1, 3].", [("It is late.", (0, 2))]),
        ("It is late [1-3].", [("It is late.", (0, 1, 2))]),
        ("It is late 【2†source】.", [("It is late.", (1,))]),
        ("It is late [Passage 2].", [("It is late.", (1,))]),
        ("It is late.", [("It is late.", ())]),
        ("It is late [0].", [("It is late.", (-1,))]),
        ("```\nIt is late [1].\n```", [("It is late.", (0,))]),
        (
            "## Answer\n- **It** is late [1]\n- So is she [2]",
            [("Answer", ()), ("It is late", (0,)), ("So is she", (1,))],
        ),
        ("Answer: It is late [1].", [("It is late.", (0,))]),
        ("<think>Which one? [1]</think>It is late [2].", [("It is late.", (1,))]),
        ("<think>It never ends [1].", []),
        ("[1] [2]", []),
        ("It is on 22 May [2024-05-22] [1].", [("It is on 22 May [2024-05-22].", (0,))]),
        ("The plan [2024-2027] is late [1-2-3].", [("The plan [2024-2027] is late.", (0, 1, 2))]),
        ("**It is late [1]. It is in Rome** [2].", [("It is late.", (0,)), ("It is in Rome.", (1,))]),
        ("", []),
    ],
)
def test_sentences_and_markers_are_parsed(text: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert [(s.text, s.cites) for s in sentences_of(text)] == expected


@pytest.mark.parametrize("text", ["NO ANSWER", "No answer.", '"NO ANSWER"', "NO_ANSWER", "NO ANSWER [1]"])
def test_no_answer_is_recognised(text: str) -> None:
    assert is_no_answer(text)


@pytest.mark.parametrize(
    "text",
    ["It is on 22 May [1]. ", "It is on 22 May. [1]\n", "- It is on 22 May [1]\n"],
)
@pytest.mark.parametrize("size", [1, 7, 100])
def test_sentence_with_marker_is_yielded_at_white_space(text: str, size: int) -> None:
    reader = ReplyParser()

    given = [s for start in range(0, len(text), size) for s in reader.feed(text[start : start + size])]

    assert [s.cites for s in given] == [(0,)]


def test_long_sentence_is_yielded_at_white_space() -> None:
    reader = ReplyParser()
    words = "By A/RES/76/307 of 8 Sept. 2022 it is on 22 May, as No. 4 of the annex says at length, para. 3 "

    given = [s for piece in (words, "[1]", ".", " ") for s in reader.feed(piece)]

    assert [s.cites for s in given] == [(0,)]


@pytest.mark.parametrize(
    "text",
    [
        "It is on 22 May. ",
        "It is on 22 May. [1]",
        "It is on 22 May. [1] ",
        "It is on 22 May [1] ",
        "It is held by the U.S. [1] ",
        "It falls into Sept. [1] ",
    ],
)
def test_incomplete_sentence_is_not_yielded(text: str) -> None:
    assert list(ReplyParser().feed(text)) == []


def test_sentence_waits_for_late_markers() -> None:
    reader = ReplyParser()

    given = [s for piece in ("It is late. [1] ", "[3] ", "It is in Rome [2].") for s in reader.feed(piece)]
    given += reader.end()

    assert [(s.text, s.cites) for s in given] == [
        ("It is late.", (0, 2)),
        ("It is in Rome.", (1,)),
    ]


def test_pieces_give_the_same_sentences_as_the_whole_text() -> None:
    text = (
        "It is on 22-23 September 2024 [1]. By A/RES/76/307 it is late. [2] More comes, e.g. a Pact [1][2]."
    )
    reader = ReplyParser()

    given = [sentence for letter in text for sentence in reader.feed(letter)] + list(reader.end())

    assert given == sentences_of(text)


def test_reply_of_spaces_is_parsed_in_linear_time() -> None:
    parser, began = ReplyParser(), time.process_time()

    assert [*parser.feed("\n" * 200_000), *parser.end()] == []
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("NO ANSWER: who chairs it?", "who chairs it?"),
        ("No answer : “where”", "where"),
        ("NO ANSWER", ""),
        ("No answer had come from the host country: it was late.", ""),
    ],
)
def test_no_answer_may_name_a_part_of_the_question(text: str, part: str) -> None:
    assert unanswered_part(text) == part
