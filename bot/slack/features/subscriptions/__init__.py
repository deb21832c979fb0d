"""Subscriptions of channels and people, and what they bring: digests and alerts."""
