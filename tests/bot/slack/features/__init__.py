"""Tests of what people do in Slack, and of what they see."""

import pytest

# Its assertions say what was found, as those of tests do.
pytest.register_assert_rewrite(f"{__name__}.surfaces")
