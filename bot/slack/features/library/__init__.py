"""The library of uploaded documents: downloads, storage, ingestion, and who may see them."""
