"""What tests of every kind build their worlds with."""
