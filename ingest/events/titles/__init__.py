"""Titles of dated events."""
