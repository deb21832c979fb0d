"""langchain's prompt templates from the Markdown files of this folder."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate


class PromptError(Exception):
    """A prompt is not there, or a variable that it needs was not given; the message names it."""


@cache
def chat_prompt(instructions: str, request: str) -> ChatPromptTemplate:
    """Return the template of two messages, by the names of their files: the system's and the user's.

    Values are put in as they are: braces in a quoted passage stay what they are. Raises PromptError.
    """
    # Takes a tenth of a second to import, and only a chat model is told anything.
    from langchain_core.prompts import ChatPromptTemplate

    return ChatPromptTemplate.from_messages([("system", _load(instructions)), ("human", _load(request))])


def render(name: str, **values: object) -> str:
    """Return the prompt `name` ("dates") with its variables filled in. Raises PromptError."""
    from langchain_core.prompts import PromptTemplate

    try:
        return PromptTemplate.from_template(_load(name)).format(**values)
    except KeyError as error:
        raise PromptError(f"the prompt {name}.md needs {error.args[0]}, which was not given") from None


@cache
def _load(name: str) -> str:
    try:
        return (files("prompts") / f"{name}.md").read_text("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise PromptError(f"there is no prompt {name}.md") from None
