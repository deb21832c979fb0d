"""The pictures of Slack: pages made of what the bot sends, photographed by a browser."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[5] / "docs"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The pages of all pictures: the bot is used for each, which takes long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DOCS)
        yield importlib.import_module("slack_scenes").draw(tmp_path_factory.mktemp("data"))


@pytest.mark.slow
def test_every_scene_is_drawn_without_a_block_or_an_emoji_that_the_page_does_not_know(
    pages: Mapping[str, str],
) -> None:
    unknown = {
        name: re.findall(r":[a-z_]{3,}:", page.partition("</style>")[2]) for name, page in pages.items()
    }
    assert [name for name, emoji in unknown.items() if emoji] == []


# What somebody who looks at the picture is to see.
SEEN = {
    "slack.png": [
        "Coming dates, as of 6 May 2024",
        "§ 3.2",
        ">Source",
    ],
    "slack-sources.png": ["Source [1]", ">Close<", "Only visible to you", "approved in December"],
    "slack-home.png": ["Coming dates", "Reminder: ", "What do you keep about me?", "Keeping the library"],
    "slack-dates.png": ["Details of …", "7 days before", "29–30 September 2024", "Reminder: "],
}


@pytest.mark.slow
def test_every_scene_shows_what_it_is_for(pages: Mapping[str, str]) -> None:
    missing = {name: [words for words in SEEN[name] if words not in page] for name, page in pages.items()}
    assert missing == {name: [] for name in SEEN}
