"""Documents that come by Slack: fetched, kept, ingested, reported."""
