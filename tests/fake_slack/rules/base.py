"""What all rules share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)

# A list or an object that may be sent as JSON in a text.
MAYBE_JSON = BeforeValidator(lambda value: json.loads(value) if isinstance(value, str) else value)


class Rule(BaseModel):
    """A JSON object of which every field is known."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Violation:
    """What breaks a rule; `path` leads to it."""

    path: tuple[str | int, ...]
    words: str

    def __str__(self) -> str:
        return f"{self.words.removeprefix('Value error, ')} [json-pointer:/{'/'.join(map(str, self.path))}]"


def may(kind: Any) -> Any:
    """Return the field of a rule that may be left out, but not be null."""
    return kind, None


def at_least_one(kind: Any, most: int | None = None) -> Any:
    """Return the kind of a list that is not empty."""
    return Annotated[list[kind], Field(min_length=1, max_length=most)]


def rule(page: str, base: type[BaseModel] = Rule, /, **fields: Any) -> type[BaseModel]:
    """Return the rule for an object, of which a page of Slack's documentation says the fields."""
    made = {name: field if isinstance(field, tuple) else (field, ...) for name, field in fields.items()}
    name = page.rpartition("/")[2].partition("#")[0]
    kind: type[BaseModel] = create_model(
        name, __base__=base, __doc__=f"https://docs.slack.dev/{page}", **made
    )
    return kind


def check(is_right: Callable[[Any], bool], wrong: str) -> AfterValidator:
    """Return the validator of values that have to be right; `wrong` says what others are."""

    def checked(value: Any) -> Any:
        if not is_right(value):
            raise ValueError(wrong)
        return value

    return AfterValidator(checked)


def exactly_one(first: str, second: str) -> Any:
    """Return the validator of an object that has one of two fields, and not both."""
    return check(
        lambda value: (getattr(value, first) is None) != (getattr(value, second) is None),
        f"either {first} or {second}",
    )


def violations(kind: TypeAdapter[Any], value: Any) -> list[Violation]:
    """Return what in a JSON value is not of this kind."""
    try:
        kind.validate_json(json.dumps(value))
    except ValidationError as error:
        return [Violation(detail["loc"], detail["msg"]) for detail in error.errors()]
    return []


def size(value: Any) -> int:
    """Return the characters of all texts in a JSON value."""
    if isinstance(value, dict):
        return sum(size(part) for part in value.values())
    if isinstance(value, list):
        return sum(size(part) for part in value)
    return len(value) if isinstance(value, str) else 0
