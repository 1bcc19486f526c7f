"""Programs that tests run and that no package of Debian or PyPI has: each folder here is a Go module with pinned sums.

Does not belong here: starting them (tests/parts, tests/cluster).
"""
