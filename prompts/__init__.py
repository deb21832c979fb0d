"""Prompts for language models: Markdown files with {variables}, and functions that load them as prompt templates."""

from prompts.loader import PromptError, chat_prompt, render

__all__ = ["PromptError", "chat_prompt", "render"]
