"""The program of a storm, broken: it breaks every promise to people that a bot can break without being killed.

python -m tests.tools.chaos.broken_program serve
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import Any

from tests.tools.chaos import program
from tests.tools.chaos.subjects import FACTS

# The process that takes files in imports this module too, and with it the embedder.
assert program.digests
_MOST_UPLOADS = 1


def _break() -> None:
    # Imported late: a process that takes files in does without them.
    from bot.answering.path import Assistant
    from bot.slack.core.sending import private_replies
    from bot.slack.core.sending.posting import Poster
    from bot.slack.features.library.library import Library
    from bot.slack.features.questions import questions
    from store.errors import StoreError
    from store.jobs import ReminderStore

    answer, post, complete = Assistant.answer, Poster.post, Poster.complete
    add_files, respond = Library._ingest, private_replies.respond
    uploads: list[Any] = []

    def wrong_or_no_answer(self: Assistant, question: str, **options: Any) -> Any:
        if question in FACTS:
            raise RuntimeError("broken on purpose")
        options.pop("on_sentence")
        given = answer(self, question, **options)
        return replace(given, text=re.sub(r"has \d+ lamps", "has 7 lamps", given.text))

    async def post_twice(self: Poster, *arguments: Any) -> Any:
        await post(self, *arguments)
        return await post(self, *arguments)

    async def complete_and_post(self: Poster, original: Any, message: Any, *more: Any) -> Any:
        await post(self, original, message)
        return await complete(self, original, message, *more)

    async def respond_twice(*arguments: Any) -> Any:
        await respond(*arguments)
        return await respond(*arguments)

    async def take_no_more_files(self: Library, *arguments: Any) -> Any:
        uploads.append(arguments)
        if len(uploads) > _MOST_UPLOADS:
            raise StoreError("broken on purpose")
        return await add_files(self, *arguments)

    Assistant.answer = wrong_or_no_answer  # type: ignore[method-assign, assignment]
    Poster.post = post_twice  # type: ignore[method-assign]
    Poster.complete = complete_and_post  # type: ignore[method-assign]
    private_replies.respond = questions.respond = respond_twice  # type: ignore[attr-defined]
    Library._ingest = take_no_more_files  # type: ignore[method-assign]
    ReminderStore.add = lambda _, reminder: reminder  # type: ignore[method-assign]


if __name__ == "__main__":
    _break()
    program.cli.main()
    sys.exit()
