"""The register for others: data, a table, a calendar, a timeline page and picture."""
