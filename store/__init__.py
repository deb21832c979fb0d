"""The stored documents: the catalog in SQL, the vectors in Chroma, the search over both, and the bot's jobs."""
