"""Split a run into several jobs, and merge their results into one report."""
