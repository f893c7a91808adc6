"""A sample of GitHub's API on loopback, for the command `demo`, the tests, and the benchmarks."""
