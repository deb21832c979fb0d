"""The program of a storm, broken: it answers wrongly, posts twice, and takes one file alone.

python -m tests.tools.chaos.broken_program serve
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import Any

from tests.tools.chaos import program

# The process that takes files in imports this module too, and with it the embedder.
assert program.subscriptions
_MOST_UPLOADS = 1


def _break() -> None:
    # Imported late: a process that takes files in does without them.
    from bot.answering.path import Assistant
    from bot.slack.core.sending.posting import Poster
    from bot.slack.features.library.library import Library
    from bot.slack.features.questions.streaming import Stream
    from store.errors import StoreError

    answer, post, complete = Assistant.answer, Poster.post, Stream.complete
    add_files = Library._ingest
    uploads: list[Any] = []

    def answer_wrongly(self: Assistant, question: str, **options: Any) -> Any:
        options.pop("on_sentence")
        given = answer(self, question, **options)
        return replace(given, text=re.sub(r"has \d+ lamps", "has 7 lamps", given.text))

    async def post_twice(self: Poster, *arguments: Any) -> Any:
        await post(self, *arguments)
        return await post(self, *arguments)

    async def complete_and_post(self: Stream, message: Any, *more: Any) -> Any:
        await post(self._poster, self._question, message)
        return await complete(self, message, *more)

    async def take_no_more_files(self: Library, *arguments: Any) -> Any:
        uploads.append(arguments)
        if len(uploads) > _MOST_UPLOADS:
            raise StoreError("broken on purpose")
        return await add_files(self, *arguments)

    Assistant.answer = answer_wrongly  # type: ignore[method-assign, assignment]
    Poster.post = post_twice  # type: ignore[method-assign]
    Stream.complete = complete_and_post  # type: ignore[method-assign]
    Library._ingest = take_no_more_files  # type: ignore[method-assign]


if __name__ == "__main__":
    _break()
    program.cli.main()
    sys.exit()
