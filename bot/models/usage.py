"""The tokens of one question's requests, counted by langchain's callbacks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.outputs import LLMResult
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import merge_configs

from bot.answering.answer import Tokens

# The key of the model's name in a run's metadata, if several models may answer.
MODEL = "itubot_model"
_ANSWER = "answer"


def answering(config: RunnableConfig | None) -> RunnableConfig:
    """Return the configuration of a request whose reply is the answer."""
    return merge_configs(config, {"tags": [_ANSWER]})


class Usage(BaseCallbackHandler):
    """Sums tokens over all requests of a question; safe between threads.

    If a provider does not count, or its reply was not read to the end, langchain's approximation is used. `model` is
    the name of the model that answered, if a fallback is set.
    """

    def __init__(self) -> None:
        self.tokens: Tokens | None = None
        self.model: str | None = None
        self._asked: dict[UUID, Sequence[BaseMessage]] = {}
        self._lock = threading.Lock()

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Remember the messages, for the approximation, and the model."""
        with self._lock:
            self._asked[run_id] = messages[0]
            if _ANSWER in (tags or ()):
                self.model = (metadata or {}).get(MODEL)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Count a reply."""
        self._count(response, run_id)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Count the part of a reply that was received; without any, count nothing."""
        response = kwargs.get("response")
        if isinstance(response, LLMResult):
            self._count(response, run_id)

    def _count(self, response: LLMResult, run_id: UUID) -> None:
        replies = [getattr(g, "message", None) for generations in response.generations for g in generations]
        reply = next((r for r in replies if isinstance(r, BaseMessage)), None)
        counted = getattr(reply, "usage_metadata", None)
        with self._lock:
            asked = self._asked.pop(run_id, [])
            if counted:
                tokens = Tokens(counted["input_tokens"], counted["output_tokens"])
            elif reply is not None and reply.content:
                read, wrote = count_tokens_approximately(asked), count_tokens_approximately([reply])
                tokens = Tokens(read, wrote, estimated=True)
            else:
                return
            self.tokens = Tokens.total((self.tokens, tokens))
