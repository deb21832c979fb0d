"""Ingest: files become documents, numbered sections and dated events in the store."""
