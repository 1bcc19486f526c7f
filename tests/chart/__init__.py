"""The chart, without a cluster: what it renders, what it refuses, and what an API server makes of it."""
