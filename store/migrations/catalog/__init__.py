"""Scripts of the catalog. Revisions 1 to 5 have the numbers that the table `meta` recorded before Alembic did."""
