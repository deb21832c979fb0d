"""A question for people: the button of a refusal, the post in the people's channel, the form and the reply. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.safe_text import visible
from bot.slack.blocks.elements import (
    TEXT_CHARS,
    Block,
    Message,
    actions,
    button,
    context,
    plain_message,
    plain_text,
    section,
)
from bot.slack.blocks.forms import entered, input_field, known, modal, text_area, typed
from bot.slack.blocks.mrkdwn import escape, split_text, with_mentions
from bot.slack.blocks.sharing import quoted
from store.jobs import MessageRef, SlackMessage

EXPERTS_ASK, EXPERTS_ANSWER, EXPERTS_FORM = "experts_ask", "experts_answer", "experts_form"

_QUESTION_CHARS = 2_800
# Blocks of an answer's text in one message.
_MOST_PARTS = 4
_BY_A_PERSON = "Written by a person. It is not from the documents, and I have not checked it."
_HOW = "Reply in this thread or press *Answer*. The first reply goes back to the person who asks, with your name."


def experts_button(key: str) -> Block:
    """Return the button that passes the question `key` on; Slack asks first, as others will see the question."""
    confirm = {
        "title": plain_text("Ask the secretariat?"),
        "text": plain_text(
            "Your question, your name and the place where you ask are posted in the channel of the people who answer. "
            "All of its members see them, and their answer comes back to you."
        ),
        "confirm": plain_text("Ask"),
        "deny": plain_text("Cancel"),
    }
    return actions({**button("Ask the secretariat", EXPERTS_ASK, key), "confirm": confirm})


def experts_post(question: SlackMessage, answered_by: str = "") -> Message:
    """Return the message in the people's channel; once it is answered, without the button."""
    where = "in a direct message" if question.is_direct else f"in <#{question.channel}>"
    blocks = [
        section(f"*<@{question.user}> asks {where}*. The documents do not answer this question:"),
        section(quoted(question.text, _QUESTION_CHARS)),
    ]
    if answered_by:
        blocks.append(context(f"<@{answered_by}> has answered; the answer is with the person who asks."))
    else:
        blocks += [context(_HOW), actions(button("Answer", EXPERTS_ANSWER, question.key))]
    return Message.of(blocks)


def experts_form(question: SlackMessage, post: MessageRef) -> Block:
    """Return the form for an answer to the question that is posted as `post`."""
    hint = "It is posted where the question was asked, with your name."
    blocks = [
        section(f"<@{question.user}> asks: {quoted(question.text, _QUESTION_CHARS)}"),
        input_field("answer", "Your answer", text_area(), hint=hint),
    ]
    return modal(
        EXPERTS_FORM,
        "Answer a question",
        blocks,
        submit="Send",
        close="Cancel",
        known=[post.channel, post.ts],
    )


def read_experts_form(view: Mapping[str, Any]) -> tuple[MessageRef, str]:
    """Return the post that a submitted form answers, and the answer."""
    return MessageRef(*known(view)), typed(entered(view)["answer"])


def experts_replies(expert: str, asker: str, answer: str) -> list[Message]:
    """Return a person's answer as it is posted where the question was asked: whole, in as many messages as it needs."""
    parts = [section(with_mentions(escape(part))) for part in split_text(visible(answer), TEXT_CHARS)]
    head, note = section(f"*<@{expert}> answers <@{asker}>:*"), context(_BY_A_PERSON)
    return [Message.of([head, *parts[n : n + _MOST_PARTS], note]) for n in range(0, len(parts), _MOST_PARTS)]


def returned_answer(asker: str, answer: str) -> list[Message]:
    """Return what a person gets whose answer could not be passed on, with the answer; without blocks."""
    told = (
        f"I could not pass your answer on to <@{asker}>: Slack takes it neither where they asked nor in a direct "
        "message. Please send it to them yourself, and tell whoever runs me. You wrote:\n"
    )
    parts = [with_mentions(escape(part)) for part in split_text(visible(answer), TEXT_CHARS)]
    return [Message(text if n else told + text, ()) for n, text in enumerate(parts)]


PASSED_ON = plain_message(
    "I am passing your question on. When a person has answered it, I will post the answer here."
)
PASSED_ON_DIRECTLY = plain_message(
    "I am passing your question on. When a person has answered it, I will send you the answer in a direct message."
)
ASKED_ALREADY = plain_message(
    "This question is with the secretariat already. I will post the answer once somebody has written it."
)
ANSWERED_ALREADY = plain_message("A person has answered this question already, and I posted the answer then.")
TOO_OLD = plain_message("This question is too old: I keep questions for 30 days. Please ask it again.")
NOT_PASSED_ON = plain_message(
    "I could not pass the question on: I cannot write in the channel of the people who answer. "
    "Please tell whoever runs me."
)

# Lines for people who answer.
FORGOTTEN = "This question is too old: I keep questions for 30 days."
ANSWERED = "Somebody has answered this question already."
NO_ANSWER = "Please write an answer."
FILES_LEFT = plain_message(
    "I passed on what you wrote, but not the file. Please send it to the person who asks yourself."
)
