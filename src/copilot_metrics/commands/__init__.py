"""Commands other than the report: `check` and `demo`."""
