"""Loads the Markdown files of this folder as langchain prompt templates."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate


class PromptError(Exception):
    """A prompt file or a value for one of its variables is missing; the message names it."""


@cache
def chat_prompt(instructions: str, request: str) -> ChatPromptTemplate:
    """Return a template of a system message and a user message, from the files with these names.

    Values are inserted unchanged, also with braces. Raises PromptError.
    """
    # The import takes a tenth of a second, and only chat models need it.
    from langchain_core.prompts import ChatPromptTemplate

    return ChatPromptTemplate.from_messages([("system", _load(instructions)), ("human", _load(request))])


def render(name: str, **values: object) -> str:
    """Return the prompt in the file `name`.md with its variables replaced. Raises PromptError."""
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
