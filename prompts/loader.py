"""Prompts from the Markdown files of this folder; `string.Template`, so that braces stay as they are."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


class PromptError(Exception):
    """A prompt is not there, or a variable that it needs was not given; the message names it."""


def render(name: str, **values: object) -> str:
    """Return the prompt `name` ("answer") with its variables filled in.

    Values are put in as they are: what looks like a variable in a quoted passage stays what it is.
    Raises PromptError.
    """
    try:
        return _load(name).substitute({key: str(value) for key, value in values.items()})
    except KeyError as error:
        raise PromptError(f"the prompt {name}.md needs ${error.args[0]}, which was not given") from None
    except ValueError as error:
        raise PromptError(f"the prompt {name}.md is not well formed: {error}") from None


def variables(name: str) -> frozenset[str]:
    """Return the names of the variables that a prompt needs. Raises PromptError."""
    return frozenset(_load(name).get_identifiers())


@cache
def _load(name: str) -> Template:
    try:
        text = (files("prompts") / f"{name}.md").read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise PromptError(f"there is no prompt {name}.md") from None
    return Template(text.strip())
