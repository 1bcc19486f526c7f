"""The table: each look with its faults, in the order in which they are brought about.

Faults share a look where none hides another; each sign is asserted alone. What takes days in a shop is brought about
by what it leaves behind: a manifest of last week, a CronJob's last time, a history of eight nights. Limits are lowered
where two runs stand for the three or five that the defaults wait for.
"""

from typing import Final

from tests.e2e.fault_table.faults import Look
from tests.e2e.fault_table.looks_at_runs import LOOKS_AT_RUNS
from tests.e2e.fault_table.looks_at_service import LOOKS_AT_SERVICE

LOOKS: Final = (*LOOKS_AT_SERVICE, *LOOKS_AT_RUNS)

# What can warn or fail and is not in the table, each with the reason.
NOT_CAUSED: Final[dict[str, str]] = {}


def all_looks() -> list[Look]:
    """Give the looks in the order in which they are had."""
    return [one for look in LOOKS for one in (*look.meanwhile, look)]
