"""Reads a page of metrics by Prometheus' own parser."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def value(page: str, name: str, **labels: str) -> float | None:
    """Return the value of a sample; None if the page does not have it."""
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    return next((s.value for s in samples if s.name == name and s.labels == labels), None)
