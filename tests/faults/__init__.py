"""Faults: a trainer killed or failed at each call that it makes to the store and to the cluster, and what is left then.

A recorded run tells the calls; each becomes several points, one for each thing that can happen to a call; each point is
a real run in which just that happens, and after which everything must be sound again (soundness.py says what that is).
Does not belong here: trouble of a test's own choosing (tests/registry, tests/trainer), a real cluster (tests/e2e).
"""
