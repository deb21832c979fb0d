"""Dates in the prose of international organisations. A pure leaf: it imports nothing else of ours."""
