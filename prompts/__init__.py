"""What a model is told: Markdown files with {variables}, and the loader that makes chat prompt templates of them."""

from prompts.loader import PromptError, chat_prompt, render

__all__ = ["PromptError", "chat_prompt", "render"]
