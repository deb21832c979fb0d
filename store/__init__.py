"""What is kept: the catalog in SQL, the vectors in Chroma, and the search over both."""
