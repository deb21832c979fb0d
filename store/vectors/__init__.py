"""Embedding models, and the index of vectors in Chroma. The models' libraries are imported on first use."""

from store.vectors.encoders import (
    BundledEmbedder,
    Embedder,
    ExportedEncoder,
    QuestionEncoder,
    SentenceTransformerEmbedder,
    Vector,
    Vectors,
    embedding_key,
    export_encoder,
)
from store.vectors.index import Index

__all__ = [
    "BundledEmbedder",
    "Embedder",
    "ExportedEncoder",
    "Index",
    "QuestionEncoder",
    "SentenceTransformerEmbedder",
    "Vector",
    "Vectors",
    "embedding_key",
    "export_encoder",
]
