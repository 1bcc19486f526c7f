"""Programs that tests run and that neither Debian nor PyPI has: Go modules with pinned sums, and pinned npm packages.

Does not belong here: starting them (tests/parts, tests/cluster).
"""
