"""The table of faults: what goes wrong with a shop, how it is brought about on a real cluster, and which checks tell.

`table` has one row a fault; the other modules bring the faults about, each as a context that takes them back. The test
of it is tests/e2e/test_fault_table.py; that no check is missing, tests/monitor/test_fault_table.py says without a
cluster.
"""
