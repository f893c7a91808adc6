"""A sample of GitHub's API on loopback, and the whole job run against it: for `demo`, and for the tests."""
