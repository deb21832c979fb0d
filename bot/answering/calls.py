"""The look-ups as calls: their names, purposes and arguments, for our model and for other assistants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answering.tools import EventStatus, Found, Tools
from bot.errors import QuestionError
from bot.register.period import FORMS
from store.records import Kind


class Arguments(BaseModel):
    """The arguments of a call; unknown ones are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        # Clients may show it.
        model_title_generator=lambda model: model.__name__,
    )


# Each argument's type says to models and other assistants what it is for.
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


class SearchArguments(Arguments):
    """Arguments of `search`."""

    query: Query


class FetchArguments(Arguments):
    """Arguments of `fetch`."""

    id: PlaceInDocuments


class ListEventsArguments(Arguments):
    """Arguments of `list_events`."""

    period: PeriodForm = ""
    kind: EventKind = ""
    place: Place = ""
    topic: Topic = ""
    status: StatusFilter = ""


class WhatChangedArguments(Arguments):
    """Arguments of `what_changed`."""

    document: ChangedDocument = ""


class ListDocumentsArguments(Arguments):
    """Arguments of `list_documents`: none."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """A look-up that can be called. `run` raises QuestionError and StoreError."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    run: Callable[[Tools, Any], Found]

    def call(self, tools: Tools, arguments: Mapping[str, Any]) -> Found:
        """Return what a call with these arguments gives. Raises QuestionError, which names wrong ones, StoreError."""
        try:
            read = self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise QuestionError(wrong_arguments(self.name, self.arguments.model_fields, error)) from None
        return self.run(tools, read)


def wrong_arguments(name: str, known: Iterable[str], error: ValidationError) -> str:
    """Return a line that names the `known` arguments of a call, each wrong one, and why."""
    details = [(detail["loc"], detail["msg"].removeprefix("Value error, ")) for detail in error.errors()]
    wrong = "; ".join(f"`{'.'.join(map(str, place))}`: {why[:1].lower()}{why[1:]}" for place, why in details)
    return f"{name} takes {', '.join(known) or 'no arguments'}; {wrong}"


LOOK_UPS: Mapping[str, LookUp] = {
    each.name: each
    for each in (
        LookUp(
            "search",
            "Search the documents",
            "Finds the paragraphs of ITU's documents that are nearest to a query, the best first.",
            SearchArguments,
            lambda tools, given: tools.search(given.query),
        ),
        LookUp(
            "fetch",
            "Read a paragraph, a chapter or a document's headings",
            "Returns a paragraph verbatim, all paragraphs of a chapter, or the headings of a document with the first "
            "words below each.",
            FetchArguments,
            lambda tools, given: tools.fetch(given.id),
        ),
        LookUp(
            "list_events",
            "List events and deadlines",
            "Lists the meetings, deadlines, publications and milestones that the documents state, by date, each with "
            "its status as of the day (scheduled, postponed, cancelled, past); by default those ahead.",
            ListEventsArguments,
            lambda tools, given: tools.list_events(
                given.period, given.kind, given.place, given.topic, given.status
            ),
        ),
        LookUp(
            "what_changed",
            "What changed in a document",
            "Compares the last two versions of a document, or a report with its edition before: what is new, gone or "
            "reworded, and which dates moved.",
            WhatChangedArguments,
            lambda tools, given: tools.what_changed(given.document),
        ),
        LookUp(
            "list_documents",
            "List the documents",
            "Lists the documents with their symbols, dates and languages, and says what this assistant is.",
            ListDocumentsArguments,
            lambda tools, given: tools.list_documents(),
        ),
    )
}
