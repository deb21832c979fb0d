"""The catalog in SQL, which is the truth: tables, reading, publication, full text."""
