"""Blocks that Slack takes, and what they are made of."""

from __future__ import annotations

from typing import Any


def plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def mrkdwn(words: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": words}


def option(number: int) -> dict[str, Any]:
    return {"text": plain(f"option {number}"), "value": str(number)}


BUTTON = {"type": "button", "text": plain("Press"), "action_id": "press", "value": "1"}
SELECT = {"type": "static_select", "action_id": "choose", "options": [option(1)]}
CONFIRM = {
    "title": plain("Sure?"),
    "text": plain("It stays so."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "vote",
    "positive_button": {"text": plain("Good"), "value": "good"},
    "negative_button": {"text": plain("Bad"), "value": "bad"},
}
NUMBER = {"type": "number_input", "action_id": "value", "is_decimal_allowed": False}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "words"}]}],
}
TASK = {"type": "task_card", "task_id": "1", "title": "Searching", "status": "in_progress"}
VALID: dict[str, dict[str, Any]] = {
    "section": {"type": "section", "text": mrkdwn("*words*"), "accessory": BUTTON, "expand": True},
    "fields": {"type": "section", "fields": [mrkdwn("words")]},
    "header": {"type": "header", "text": plain("words")},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn("words")]},
    "actions": {"type": "actions", "elements": [BUTTON | {"confirm": CONFIRM}, SELECT]},
    "context_actions": {"type": "context_actions", "elements": [FEEDBACK]},
    "image": {"type": "image", "alt_text": "a chart", "image_url": "https://example.org/chart.png"},
    "markdown": {"type": "markdown", "text": "**words**"},
    "table": {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}, RICH]]},
    "data_table": {
        "type": "data_table",
        "caption": "Dates",
        "rows": [[{"type": "raw_text", "text": "head"}], [RICH]],
        "page_size": 10,
        "row_header_column_index": 0,
    },
    "task_card": TASK,
    "plan": {"type": "plan", "title": "Plan", "tasks": [TASK]},
    "rich_text": RICH,
    "card": {"type": "card", "title": mrkdwn("words")},
    "input": {
        "type": "input",
        "block_id": "name",
        "label": plain("Name"),
        "element": {"type": "plain_text_input", "action_id": "value", "max_length": 30},
    },
}
