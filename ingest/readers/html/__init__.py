"""Readers of web pages, and of Markdown, which is rendered as a page."""
