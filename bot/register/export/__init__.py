"""The register as CSV, calendar, and as a timeline page; imported late, as they load libraries."""
