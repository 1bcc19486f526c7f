"""The looks at what is in service and around it: the store, the replicas, the CronJob, and who is told."""

from typing import Final

from tests.e2e.fault_table import of_cluster, of_store
from tests.e2e.fault_table.faults import FAIL, WARN, Fault, Look, Sign

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

LOOKS_AT_SERVICE: Final = (
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
)
