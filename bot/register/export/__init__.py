"""The register as data, table, calendar, and as a timeline page and picture; imported late, as they load libraries."""
