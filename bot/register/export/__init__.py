"""The register as data, calendar, and as a timeline page and picture; imported late, as they load libraries."""
