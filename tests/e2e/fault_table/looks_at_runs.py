"""The looks at what runs of the trainer found in the shop's data, and made of it, one after the other.

What a run leaves in the history stays there, as in a shop: later looks count on it, and the last one brings back the
model of before.
"""

from typing import Final

from tests.e2e.fault_table import of_data
from tests.e2e.fault_table.faults import FAIL, OK, WARN, Fault, Look, Sign

LOOKS_AT_RUNS: Final = (
    Look(
        "a broken query",
        (
            Fault(
                "a run reads few users and products",
                of_data.lost_users_and_products,
                (
                    Sign("last_run", WARN, "The last run was rejected: events: "),
                    Sign("events_change", WARN, "against what is usual"),
                    Sign("users_change", WARN, "55 users, -"),
                    Sign("products_change", WARN, "14 products, -"),
                ),
            ),
        ),
    ),
    Look(
        "a bad night",
        (
            Fault(
                "customers, a crawler and a setting do what they never did",
                of_data.shifted_behaviour,
                (
                    Sign("event_mix", WARN, "is usual"),
                    Sign("concentration", WARN, "fewer products get most places"),
                    Sign("unknown_products", WARN, "25.0% of 480 new events"),
                    Sign("served_quality", WARN, "had listed something that 0.0%"),
                    Sign("rejected_runs", WARN, "The gate rejected the last 2 models"),
                ),
            ),
        ),
        {"MAX_REJECTED_RUNS": "1"},
    ),
    Look(
        "bad data",
        (
            Fault(
                "two runs more find invalid data",
                of_data.runs_that_fail,
                (
                    Sign("last_run", WARN, "The last run found invalid data"),
                    Sign("failed_runs", FAIL, "The last 2 runs failed"),
                    Sign("unpromoted_runs", WARN, "None of the last 4 runs put a model in service"),
                ),
            ),
        ),
        {"MAX_FAILED_RUNS": "1", "MAX_UNPROMOTED_RUNS": "3"},
    ),
    Look(
        "a stale export",
        (
            Fault(
                "a stale and mixed-up export is forced into service",
                of_data.stale_export_in_service,
                (
                    Sign("data_age", WARN, "Old data: the newest event was 12."),
                    Sign("export_lag", WARN, "Stale export: the newest event was 12."),
                    Sign("sparsity", WARN, "High sparsity: 99."),
                    Sign("similarity", WARN, "Few neighbours"),
                    Sign("neighbour_overlap", WARN, "The most popular products kept"),
                ),
            ),
        ),
        {"MIN_SIMILARITY_DENSITY": "0.01"},
    ),
    Look(
        "the way back",
        (
            Fault(
                "somebody pins the version before with kubectl",
                of_data.pin_set_by_hand,
                (Sign("agreement", OK, "Brought together: "),),
            ),
        ),
    ),
)
