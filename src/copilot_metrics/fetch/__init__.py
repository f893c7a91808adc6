"""Download what GitHub reports on each scope: usage, teams, and licenses."""
