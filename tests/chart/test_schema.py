"""What `helm install` says of values that cannot be meant; and that schema, values.yaml and settings agree."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from api.settings import ApiSettings
from cluster.settings import ClusterSettings
from monitor.settings import MonitorSettings
from registry.settings import StoreSettings
from runtime.settings import Settings
from tests.chart.helm import CHART, SHOP, Helm, HelmError, Values, joined
from tests.chart.manifests import read_yaml
from trainer.settings import TrainerSettings

SCHEMA: Final[dict[str, Any]] = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS: Final[dict[str, Any]] = read_yaml((CHART / "values.yaml").read_text())

Refusal = Callable[[Values], str]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"trainer": {"schedul": "daily"}}, "at '/trainer': additional properties 'schedul' not allowed"),
        ({"replicas": 3}, "at '': additional properties 'replicas' not allowed"),
        ({"api": {"service": {"prot": 80}}}, "at '/api/service': additional properties 'prot' not allowed"),
        (
            {"trainer": {"schedule": "dayly"}},
            "at '/trainer/schedule': value must be one of 'weekly', 'daily', 'six-hourly', 'hourly'",
        ),
        ({"trainer": {"schedule": "0 2 * *"}}, "at '/trainer/schedule': '0 2 * *' does not match pattern"),
        ({"monitor": {"schedule": "@daily"}}, "at '/monitor/schedule': value must be one of"),
        ({"trainer": {"schedule": "TZ=UTC 0 2 * * *"}}, "at '/trainer/schedule': 'TZ=UTC 0 2 * * *' does not match"),
        ({"trainer": {"suspend": "yes"}}, "at '/trainer/suspend': got string, want boolean"),
        ({"trainer": {"backoffLimit": 1.5}}, "at '/trainer/backoffLimit': got number, want integer"),
        ({"trainer": {"startingDeadlineSeconds": 5}}, "at '/trainer/startingDeadlineSeconds': minimum: got 5, want 10"),
        ({"trainer": {"concurrencyPolicy": "Allow"}}, "at '/trainer/concurrencyPolicy': value must be one of"),
        ({"settings": {"MIN_USER": 3}}, "at '/settings': additional properties 'MIN_USER' not allowed"),
        ({"settings": {"MIN_USERS": "many"}}, "at '/settings/MIN_USERS': got string, want integer"),
        (
            {"api": {"settings": {"POLL_SECONDS": 0}}},
            "at '/api/settings/POLL_SECONDS': exclusiveMinimum: got 0, want 0",
        ),
        (
            {"api": {"settings": {"ACCESS_LOG": False}}},
            "at '/api/settings/ACCESS_LOG': value must be one of 'all', 'errors', 'none'",
        ),
        (
            {"api": {"settings": {"ACCESS_LOG_PATHS": "no"}}},
            "at '/api/settings/ACCESS_LOG_PATHS': got string, want boolean",
        ),
        (
            {"api": {"settings": {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}}},
            "at '/api/settings/OTEL_EXPORTER_OTLP_ENDPOINT': 'collector:4317' does not match pattern",
        ),
        ({"store": {"url": "http://minio"}}, "at '/store/url': 'http://minio' does not match pattern '^(s3://"),
        ({"store": {"endpointUrl": "minio:9000"}}, "at '/store/endpointUrl': 'minio:9000' does not match pattern"),
        ({"database": {"port": 0}}, "at '/database/port': minimum: got 0, want 1"),
        ({"trainer": {"events": {"cart": {"wieght": 1}}}}, "at '/trainer/events/cart': additional properties 'wieght'"),
        ({"api": {"replicas": "two"}}, "at '/api/replicas': got string, want null or integer"),
        ({"api": {"extraEnv": [{"name": "A", "value": 1}]}}, "at '/api/extraEnv/0/value': got number, want string"),
        ({"api": {"extraEnv": {"A": "1"}}}, "at '/api/extraEnv': got object, want array"),
        ({"api": {"resources": {"limit": {}}}}, "at '/api/resources': additional properties 'limit' not allowed"),
        (
            {"api": {"resources": {"limits": {"memory": "1 GB"}}}},
            "at '/api/resources/limits/memory': '1 GB' does not match pattern",
        ),
        ({"api": {"ingress": {"hosts": ["a.example.com"]}}}, "at '/api/ingress/hosts/0': got string, want object"),
        ({"namePrefix": "Blue"}, "at '/namePrefix': 'Blue' does not match pattern"),
        ({"namePrefix": "b" * 31}, "at '/namePrefix': maxLength: got 31, want 30"),
        ({"logging": {"level": "debug"}}, "at '/logging/level': value must be one of 'DEBUG', 'INFO'"),
    ],
)
def test_a_wrong_value_is_named_with_its_path(refusal: Refusal, values: Values, complaint: str) -> None:
    said = refusal(values)
    assert complaint in said
    assert said.count("\n- at ") == 1, "one mistake, one line"


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"store": {"url": ""}}, "store.url is not set: where the models are kept, such as s3://my-bucket/shop"),
        ({"database": {"host": ""}}, "database.host is not set: the shop's MySQL or MariaDB"),
        ({"database": {"name": ""}}, "database.name is not set"),
        ({"database": {"user": ""}}, "database.user is not set"),
        ({"store": {"accessKeyId": "id"}}, "store.secretAccessKey is not set, though store.accessKeyId is"),
        ({"store": {"secretAccessKey": "key"}}, "store.accessKeyId is not set, though store.secretAccessKey is"),
        ({"trainer": {"code": {"configMap": "mine"}}}, "trainer.code.class is not set"),
        (
            {"trainer": {"code": {"class": "a:B", "configMap": "mine", "files": {"a.py": ""}}}},
            "trainer.code.files and trainer.code.configMap are both set",
        ),
        ({"api": {"ingress": {"enabled": True}}}, "api.ingress.hosts is empty"),
        ({"api": {"httpRoute": {"enabled": True}}}, "api.httpRoute.parentRefs is empty"),
        (
            {"api": {"autoscaling": {"enabled": True, "minReplicas": 11}}},
            "api.autoscaling.minReplicas is above api.autoscaling.maxReplicas",
        ),
    ],
)
def test_what_only_makes_sense_together_is_asked_for_by_name(refusal: Refusal, values: Values, complaint: str) -> None:
    said = refusal(values)
    assert [line for line in said.splitlines() if line.startswith(complaint)]


def test_without_any_values_one_line_says_what_to_set(helm: Helm) -> None:
    assert "\nstore.url is not set: " in helm.refusal({})


def test_helm_3_refuses_the_same(each_helm: Helm) -> None:
    said = each_helm.refusal(joined(SHOP, {"trainer": {"schedule": "dayly", "schedul": "daily"}}))
    assert "'/trainer/schedule': value must be one of" in said
    assert "'/trainer': additional properties 'schedul' not allowed" in said


def test_a_cluster_that_is_too_old_is_refused(each_helm: Helm) -> None:
    with pytest.raises(HelmError, match=r"kubeVersion: >=1\.33\.0-0"):
        each_helm.template(SHOP, "--kube-version", "1.32.9")
    each_helm.template(SHOP, "--kube-version", "1.33.0-gke.1")


def test_the_chart_can_be_part_of_another(helm: Helm, tmp_path: Path) -> None:
    """`global` is handed down, and `enabled` is the usual condition; two copies are told apart by their alias."""
    dependencies = [
        {"name": "recommender", "version": "0.1.0", "repository": f"file://{CHART}", "alias": alias, "condition": c}
        for alias, c in (("recommender", "recommender.enabled"), ("books", "books.enabled"))
    ]
    parent = {"apiVersion": "v2", "name": "platform", "version": "1.0.0", "dependencies": dependencies}
    (tmp_path / "Chart.yaml").write_text(json.dumps(parent))
    helm.run("dependency", "update", str(tmp_path))
    values = {
        "global": {"imageRegistry": "mirror.example.com", "storageClass": "fast"},
        "recommender": joined(SHOP, {"enabled": True}),
        "books": joined(SHOP, {"enabled": True, "namePrefix": "books"}),
    }
    rendered = helm.run("template", "shop", str(tmp_path), values=values)
    assert "image: mirror.example.com/recommender-api:" in rendered
    assert "app.kubernetes.io/name: books" in rendered


def test_every_value_is_in_the_schema_and_every_entry_of_the_schema_is_a_value() -> None:
    assert set(_paths_of_values(DEFAULTS)) == set(_paths_of_schema(SCHEMA)) - {"/global", "/enabled"}


def test_every_entry_of_the_schema_says_what_it_is_for() -> None:
    nameless = [path for path, entry in _entries(SCHEMA) if "description" not in entry]
    assert nameless == []


def test_no_object_of_the_schema_takes_keys_that_it_does_not_know() -> None:
    open_ones = [path for path, entry in _entries(SCHEMA) if "properties" in entry and entry["additionalProperties"]]
    assert open_ones == []


def test_every_default_fits_the_schema(each_helm: Helm) -> None:
    assert each_helm.template(joined(DEFAULTS, SHOP)).names() == each_helm.template(SHOP).names()


def test_settings_are_those_that_the_processes_read() -> None:
    """A new setting is to be had by its name; the others have values of their own."""
    elsewhere = _names(StoreSettings, ClusterSettings, Settings) | {
        *("DATABASE_URL", "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"),  # database
        *("EVENTS", "CATALOGUE_SQL", "GATE", "TRAINER_CLASS"),  # trainer.events, .catalogueSql, .gate, .code
        *("FORCE", "AS_OF", "PROMOTE", "USER"),  # of one run
        *(
            "DASK",
            "DASK_HOST",
            "DASK_PORT",
            "DASK_DASHBOARD_PORT",
            "DASK_SECRET",
            "WORKER_MEMORY",
        ),  # trainer.distributed
        *("JOB_NAME", "JOB_COMPLETION_INDEX", "POD_IP"),  # of a pod
        *("MONITOR_HEAL", "MONITOR_WEBHOOK_URL", "MONITOR_WEBHOOK_FORMAT"),  # monitor.heal, monitor.webhook
        *("ADMIN_TOKEN", "API_WORKERS", "DRAIN_SECONDS", "SHUTDOWN_SECONDS"),  # api
        *("MODEL_VERSION", "API_HOST"),  # the pin; where a container's server listens
    }
    trainer_and_monitor = SCHEMA["properties"]["settings"]["properties"].keys()
    api = SCHEMA["properties"]["api"]["properties"]["settings"]["properties"].keys()
    assert _names(TrainerSettings, MonitorSettings) - elsewhere == trainer_and_monitor
    assert _names(ApiSettings) - elsewhere == api


def _names(*settings: type[Settings]) -> set[str]:
    return {name.upper() for one in settings for name in one.model_fields}


def _paths_of_values(values: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield f"{path}/{key}"
        if isinstance(value, dict) and _is_closed(f"{path}/{key}"):
            yield from _paths_of_values(value, f"{path}/{key}")


def _paths_of_schema(schema: dict[str, Any]) -> Iterator[str]:
    return (path for path, _ in _entries(schema))


def _entries(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the path and the entry of each value; what is below a map that is empty by default is no value."""
    for key, entry in schema.get("properties", {}).items():
        resolved = {**SCHEMA["$defs"].get(entry.get("$ref", "").removeprefix("#/$defs/"), {}), **entry}
        yield f"{path}/{key}", resolved
        if _is_closed(f"{path}/{key}"):
            yield from _entries(resolved, f"{path}/{key}")


def _is_closed(path: str) -> bool:
    """Whether a map's keys are values of the chart: not where it is empty by default, or handed to Kubernetes."""
    kubernetes = ("/resources", "ecurityContext", "Probe")
    return bool(_default(path)) and not path.endswith(kubernetes)


def _default(path: str) -> object:
    found: Any = DEFAULTS
    for key in path.split("/")[1:]:
        found = found.get(key) if isinstance(found, dict) else None
    return found
