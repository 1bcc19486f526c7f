"""The table: each look with its faults, in the order in which they are brought about.

Faults share a look where none hides another; each sign is asserted alone. What takes days in a shop is brought about
by what it leaves behind: a manifest of last week, a CronJob's last time, a history of eight nights. Limits are lowered
where two runs stand for the three or five that the defaults wait for.
"""

from typing import Final

from tests.e2e.fault_table import of_cluster, of_data, of_store
from tests.e2e.fault_table.faults import FAIL, OK, WARN, Fault, Look, Sign

_NOWHERE: Final = "http://127.0.0.1:9/hook"

_WHILE_A_REPLICA_WAITS: Final = (
    Look(
        "a damaged pointer",
        (
            Fault(
                "current.json is cut off",
                of_store.damaged_pointer,
                (
                    Sign("pointer", FAIL, "current.json is damaged"),
                    Sign("agreement", FAIL, "current.json names no version that loads"),
                ),
            ),
        ),
    ),
    Look(
        "no pointer",
        (
            Fault(
                "current.json is removed",
                of_store.no_pointer,
                (Sign("no_model", FAIL, "There is no current.json, though the store holds"),),
            ),
        ),
    ),
    Look(
        "a pointer to nothing",
        (
            Fault(
                "current.json names a version that is not there",
                of_store.pointer_to_nothing,
                (Sign("model", FAIL, "which the store does not hold"),),
            ),
        ),
    ),
    Look(
        "a report that is not kept",
        (
            Fault(
                "the store refuses health.json",
                of_store.unwritable_report,
                (
                    Sign(
                        "health_json",
                        WARN,
                        "health.json was not written: cannot write s3://recommender/shop/health.json",
                    ),
                ),
            ),
        ),
    ),
    Look(
        "nobody can be asked or told",
        (
            Fault(
                "the monitor's RoleBinding is removed",
                of_cluster.without_rights,
                (
                    Sign("agreement", WARN, "is forbidden"),
                    Sign("missed_runs", WARN, "is forbidden"),
                    Sign("cluster_events", WARN, "is forbidden"),
                    Sign("webhook", WARN, "the webhook at 127.0.0.1 does not answer"),
                ),
            ),
            Fault(
                "metrics.json is cut off",
                of_store.damaged_history,
                (Sign("history", WARN, "metrics.json is damaged"),),
            ),
            Fault("the previous version is removed", of_store.no_previous, (Sign("previous", WARN, "is gone"),)),
        ),
        {"MONITOR_WEBHOOK_URL": _NOWHERE},
    ),
)

LOOKS: Final = (
    Look(
        "a damaged model",
        (
            Fault(
                "the artifact is damaged, and a replica is replaced",
                of_cluster.replica_that_cannot_load,
                (
                    Sign("model", FAIL, "model.safetensors of"),
                    Sign("replicas", WARN, "is not ready, for 1 min now"),
                ),
            ),
        ),
        meanwhile=_WHILE_A_REPLICA_WAITS,
        ripe=of_cluster.has_waited_a_minute,
    ),
    Look(
        "nights that nobody watched",
        (
            Fault(
                "the CronJob is suspended",
                of_cluster.suspended,
                (Sign("missed_runs", WARN, "CronJob trainer is suspended"),),
            ),
            Fault(
                "a manifest is edited",
                of_store.edited_manifest,
                (Sign("model", FAIL, "was changed after it was written"),),
            ),
            Fault(
                "a ready replica is silent",
                of_cluster.silent_replica,
                (Sign("replicas", WARN, "stray does not answer /readyz"),),
            ),
            Fault(
                "runs get longer, smaller and worse, on the same events",
                of_store.nights_that_get_worse,
                (
                    Sign("duration_trend", WARN, "Runs take +"),
                    Sign("size_trend", WARN, "Interactions went -"),
                    Sign("quality_trend", WARN, "ndcg on the holdout went -"),
                    Sign("unchanged_events", WARN, "Every run of 7.0 days has read exactly 8,000 purchase"),
                ),
            ),
        ),
    ),
    Look(
        "a rollout that hangs",
        (
            Fault(
                "new replicas do not start",
                of_cluster.rollout_that_hangs,
                (Sign("rollout", FAIL, "came to a halt"),),
            ),
            Fault(
                "the CronJob starts no runs",
                of_cluster.nights_without_a_run,
                (Sign("missed_runs", WARN, "should have started"),),
            ),
            Fault(
                "another program made the model's answers",
                of_store.other_answers,
                (Sign("golden", FAIL, "Not what the model said when it was made: Loaded here, on product"),),
            ),
            Fault(
                "the model is of last week",
                of_store.model_of_last_week,
                (Sign("model_age", WARN, "Old model: 8.0 days"),),
            ),
        ),
    ),
    Look(
        "a tiny model",
        (
            Fault(
                "a replica is pinned to an old version by hand",
                of_cluster.replica_of_the_version_before,
                (Sign("replicas", FAIL, "stray serves 2"),),
            ),
            Fault(
                "a model of next to nothing is in service",
                of_store.tiny_model,
                (
                    Sign("users", FAIL, "Too few users: 6"),
                    Sign("products", FAIL, "Too few products: 5"),
                    Sign("interactions", WARN, "Few interactions: 6"),
                    Sign("similarity", FAIL, "No product has a neighbour"),
                    Sign("agreement", FAIL, "MONITOR_HEAL is off"),
                ),
            ),
        ),
        {"MONITOR_HEAL": "false"},
    ),
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

# What can warn or fail and is not in the table, each with the reason.
NOT_CAUSED: Final[dict[str, str]] = {}


def all_looks() -> list[Look]:
    """Give the looks in the order in which they are had."""
    return [one for look in LOOKS for one in (*look.meanwhile, look)]
