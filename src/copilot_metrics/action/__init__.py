"""GitHub Actions: inputs, workflow commands, outputs, and the job summary."""
