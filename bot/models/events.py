"""Events of paragraphs, by a chat model's structured output; `ingest.events.model` checks them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from bot.errors import ModelError
from bot.models.chat import ChatModel, ReplyLimits
from bot.models.quoting import escaped, one_line
from bot.models.usage import Usage
from ingest.events.model import EventReply, EventRequest, StatedEvent
from prompts import chat_prompt

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# No user waits, and a reply on thirty dates takes long. The client tries twice, with a pause: the total is enough for
# two attempts of the model and two of its fallback.
EVENT_LIMITS = ReplyLimits(total=250.0, attempt=60.0)


class DatedEvent(BaseModel):
    """What happens on a date of a paragraph."""

    section: int = Field(description="The number of the paragraph.")
    words: str = Field(
        description="The words of the date, exactly as they stand in the paragraph or its heading."
    )
    first: str = Field(description="The first day, as YYYY-MM-DD.")
    last: str = Field(description="The last day, as YYYY-MM-DD.")
    title: str = Field(description="What a person would write into a calendar; it stands alone.")
    kind: Literal["meeting", "deadline", "publication", "milestone"] = "milestone"
    precision: Literal["day", "month", "quarter", "half", "season", "year"] = "day"
    bound: Literal["on", "by", "from"] = "on"
    outcome: Literal["planned", "done", "postponed", "cancelled", "proposed"] = "planned"
    place: str | None = Field(None, description="Town or venue as it stands in the paragraph, if any.")
    replaces: tuple[str, ...] = Field((), description="First days of the old dates that this one replaces.")


class DatedEvents(BaseModel):
    """The events of the paragraphs."""

    events: list[DatedEvent]

    @field_validator("events", mode="before")
    @classmethod
    def _valid(cls, events: Any) -> Any:
        """Drop what has not the shape of an event; a reply of nothing else is invalid."""
        if not isinstance(events, list):
            return events
        return [event for event in map(_event, events) if event is not None] or events


class ChatEventModel:
    """Asks a chat model for events. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model, with a digest of what it is told."""
        template = "".join(str(message) for message in chat_prompt("events", "events_asked").messages)
        told = sha256(f"{template}{DatedEvents.model_json_schema()}".encode()).hexdigest()
        return f"{self._model.name} {told[:12]}"

    def ask(self, request: EventRequest) -> EventReply:
        """Return the model's events, or why there are none."""
        usage = Usage()
        events, why = None, ""
        try:
            reply = self._model.fill(event_prompt(request), DatedEvents, {"callbacks": [usage]})
            events = tuple(StatedEvent(**event.model_dump()) for event in reply.events)
        except ModelError as error:
            why = str(error)
        tokens = usage.tokens
        return EventReply(events, why, tokens.input if tokens else 0, tokens.output if tokens else 0)


def event_prompt(request: EventRequest) -> list[BaseMessage]:
    """Return the messages of a request."""
    sections = (
        f'[{one.number}] {one_line(one.heading) or "no heading"}\n"""\n{escaped(one.text).strip()}\n"""'
        for one in request.sections
    )
    problems = "\n".join(f"- {one_line(problem)}" for problem in request.problems)
    return chat_prompt("events", "events_asked").format_messages(
        document=one_line(request.document),
        dated=request.dated or "not known",
        known="; ".join(map(one_line, request.known)) or "none",
        sections="\n\n".join(sections),
        problems=f"These were wrong in your last reply:\n{problems}" if problems else "",
    )


def _event(value: Any) -> DatedEvent | None:
    try:
        return DatedEvent.model_validate(value)
    except ValidationError:
        return None
