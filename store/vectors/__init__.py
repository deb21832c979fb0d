"""Vectors: the embedding model, and the index in Chroma."""
