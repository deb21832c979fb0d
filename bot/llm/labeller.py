"""Labels for the dates of a paragraph, by a chat model's structured output: what happens, not when.

The model sees numbered dates and answers by number; it never writes a date. Its labels are checked against the
paragraph when they are applied (`ingest.events.labels`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from bot.errors import ModelError
from bot.models.chat import ChatModel, ReplyLimits
from bot.models.quoting import escaped
from bot.models.usage import Usage
from ingest.events.labels import DatedSection, Label, LabellerReply
from prompts import chat_prompt

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# Increased when labels have to be requested again, because the prompt or the shape of the reply changed.
_REQUEST_VERSION = "1"
# No user waits, and a reply on thirty dates takes long. The client tries twice, with a pause: the total is enough for
# two attempts of the model and two of its fallback.
LABEL_LIMITS = ReplyLimits(total=250.0, attempt=60.0)


class DateLabel(BaseModel):
    """What one numbered date is the date of."""

    number: int = Field(description="The number of the date, as marked in the paragraph.")
    event: bool = Field(
        description="Whether something happens on this date that belongs into a register of dates."
    )
    title: str = Field("", description="What a person would write into a calendar; it stands alone.")
    kind: Literal["meeting", "deadline", "publication", "milestone"] = "milestone"
    place: str | None = Field(None, description="Town or venue as it stands in the paragraph, if any.")
    outcome: Literal["planned", "done", "postponed", "cancelled", "proposed"] = "planned"
    replaces: int | None = Field(None, description="The number of the date that this one replaces, if any.")


class DateLabels(BaseModel):
    """One label for each numbered date of the paragraph."""

    labels: list[DateLabel]

    @field_validator("labels", mode="before")
    @classmethod
    def _valid(cls, labels: Any) -> Any:
        """Drop invalid labels: the rules decide on their dates."""
        if not isinstance(labels, list):
            return labels
        valid = [label for label in map(_label, labels) if label is not None]
        # A reply without any valid label is invalid.
        return valid or labels


class ModelLabeller:
    """Labels dates with a chat model. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The key of stored labels: the model and the version of the request."""
        return f"{self._model.name}, asked in version {_REQUEST_VERSION}"

    @property
    def model(self) -> str:
        """The model's name."""
        return self._model.name

    def label(self, section: DatedSection) -> LabellerReply:
        """Return the model's labels, or why there are none."""
        usage = Usage()
        labels, why = None, ""
        try:
            reply = self._model.fill(label_prompt(section), DateLabels, {"callbacks": [usage]})
            labels = tuple(Label(**label.model_dump()) for label in reply.labels)
        except ModelError as error:
            why = str(error)
        tokens = usage.tokens
        return LabellerReply(labels, why, tokens.input if tokens else 0, tokens.output if tokens else 0)


def label_prompt(section: DatedSection) -> list[BaseMessage]:
    """Return the messages that ask for the labels of a section."""
    numbers = range(section.first, section.first + len(section.expressions))
    return chat_prompt("label", "label_section").format_messages(
        document=_line(section.document),
        dated=section.dated or "not known",
        heading=_line(section.heading) or "none",
        text=escaped(section.text).strip(),
        first=numbers[0],
        last=numbers[-1],
        expressions="\n".join(
            f"{n}: {_line(words)}" for n, words in zip(numbers, section.expressions, strict=True)
        ),
    )


def _line(text: str) -> str:
    return " ".join(escaped(text).split())


def _label(value: Any) -> DateLabel | None:
    try:
        return DateLabel.model_validate(value)
    except ValidationError:
        return None
