"""From the JSON of GitHub's APIs to the records of `metrics.model`.

- `days`: a day of either API, as downloaded or from history, to a `StoredDay`. Start here.
- `usage_metrics`: the Copilot usage metrics API.
- `metrics_api`: the older Copilot metrics API. A reader of the newer one can skip it.
- `licenses`: the list of Copilot licenses, to counts of people.
- `team_join`: the users report joined with the user-teams report, in SQL, to days of teams.

Every irregularity of an API is handled in this package, and nowhere else.
"""
