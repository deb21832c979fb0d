"""What a model is told: Markdown files with `$variables`, and the loader that fills them in."""

from prompts.loader import PromptError, render, variables

__all__ = ["PromptError", "render", "variables"]
