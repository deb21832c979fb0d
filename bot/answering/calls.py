"""The look-ups as calls: annotated functions, for our model and for other assistants.

The types of a function's arguments are its schema, its docstring says what it is for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import cleandoc, signature
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from bot.answering.tools import EventStatus, Found, Tools
from bot.errors import QuestionError
from bot.register.period import FORMS
from store.records import Kind

# The descriptions tell models and other assistants what each argument means.
Query = Annotated[
    str, Field(description="Words or a question, in any of the documents' languages.", max_length=2000)
]
PlaceInDocuments = Annotated[
    str,
    Field(
        description="DOCUMENT/2.2 for a paragraph, DOCUMENT/2 for a chapter, DOCUMENT for its headings; DOCUMENT is "
        "its symbol or file name, with - for /, or its title.",
        max_length=500,
    ),
]
PeriodForm = Annotated[
    str, Field(description=f"Only these days; by default what is ahead. One of: {FORMS}.", max_length=200)
]
EventKind = Annotated[Literal[Kind, ""], Field(description="Only events of this kind.")]
Place = Annotated[str, Field(description="Only events at this town, country or venue.", max_length=200)]
Topic = Annotated[
    str,
    Field(description="Only events with these words, or of the document of this name.", max_length=300),
]
StatusFilter = Annotated[
    EventStatus,
    Field(
        description="past: only what is over; moved: what was moved, postponed or cancelled; all: former dates too."
    ),
]
ChangedDocument = Annotated[
    str,
    Field(
        description="Its symbol, file name or title; by default the one that changed last.", max_length=500
    ),
]


def search(tools: Tools, query: Query) -> Found:
    """Finds the paragraphs of ITU's documents that are nearest to a query, the best first."""
    return tools.search(query)


def fetch(tools: Tools, id: PlaceInDocuments) -> Found:
    """Returns a paragraph verbatim, all paragraphs of a chapter, or the headings of a document.

    A heading has the first words below it.
    """
    return tools.fetch(id)


def list_events(
    tools: Tools,
    period: PeriodForm = "",
    kind: EventKind = "",
    place: Place = "",
    topic: Topic = "",
    status: StatusFilter = "",
) -> Found:
    """Lists the meetings, deadlines, publications and milestones that the documents state, by date.

    Each has its status as of the day (scheduled, postponed, cancelled, past). By default those ahead.
    """
    return tools.list_events(period, kind, place, topic, status)


def what_changed(tools: Tools, document: ChangedDocument = "") -> Found:
    """Compares the last two versions of a document, or a report with its edition before.

    Tells what is new, gone or reworded, and which dates moved.
    """
    return tools.what_changed(document)


def list_documents(tools: Tools) -> Found:
    """Lists the documents with their symbols, dates and languages, and says what this assistant is."""
    return tools.list_documents()


@dataclass(frozen=True)
class LookUp:
    """A look-up that can be called."""

    run: Callable[..., Found]
    title: str

    @property
    def name(self) -> str:
        """The name under which it is called."""
        return self.run.__name__

    @property
    def description(self) -> str:
        """The description that models read: the docstring of `run`."""
        return cleandoc(self.run.__doc__ or "")

    @cached_property
    def arguments(self) -> type[BaseModel]:
        """The shape of its arguments; unknown ones are refused."""
        _tools, *given = signature(self.run, eval_str=True).parameters.values()
        shapes: dict[str, Any] = {
            each.name: (each.annotation, ... if each.default is each.empty else each.default)
            for each in given
        }
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **shapes)

    def call(self, tools: Tools, arguments: Mapping[str, Any]) -> Found:
        """Return what a call with these arguments gives. Raises QuestionError, which names wrong ones, StoreError."""
        try:
            read = self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise QuestionError(wrong_arguments(self.name, self.arguments.model_fields, error)) from None
        return self.run(tools, **dict(read))


def wrong_arguments(name: str, known: Iterable[str], error: ValidationError) -> str:
    """Return a line that names the `known` arguments of a call, each wrong one, and why."""
    details = [(detail["loc"], detail["msg"].removeprefix("Value error, ")) for detail in error.errors()]
    wrong = "; ".join(f"`{'.'.join(map(str, place))}`: {why[:1].lower()}{why[1:]}" for place, why in details)
    return f"{name} takes {', '.join(known) or 'no arguments'}; {wrong}"


LOOK_UPS: Mapping[str, LookUp] = {
    each.name: each
    for each in (
        LookUp(search, "Search the documents"),
        LookUp(fetch, "Read a paragraph, a chapter or a document's headings"),
        LookUp(list_events, "List events and deadlines"),
        LookUp(what_changed, "What changed in a document"),
        LookUp(list_documents, "List the documents"),
    )
}
