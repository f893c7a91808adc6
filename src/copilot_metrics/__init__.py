"""What GitHub Copilot does for an enterprise, an organization or a team, as a report."""
