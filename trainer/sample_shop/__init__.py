"""A made-up shop with believable tastes, for trying the pipeline out and for tests. No real person is in it."""
