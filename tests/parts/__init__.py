"""Real parts that a test session starts and ends by itself: MariaDB, MinIO, a proxy and a front that make trouble.

A part that cannot be had here skips the tests that need it, says so at the end, and fails the session where CI=true.
Does not belong here: stand-ins that only look like a part.
"""
