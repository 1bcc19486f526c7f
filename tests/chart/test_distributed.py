"""CronJob `trainer` where trainer.distributed.workers is above 0: an Indexed Job whose first pod leads."""

from collections.abc import Callable
from typing import Any

import pytest

from runtime.errors import Exit
from tests.chart.conftest import Render
from tests.chart.helm import Values, joined
from tests.chart.manifests import Json, Manifests, environment

TWO_WORKERS: Values = {"trainer": {"distributed": {"workers": 2}}}


@pytest.fixture
def distributed(render: Render) -> Manifests:
    return render(TWO_WORKERS)


def job(rendered: Manifests, name: str = "trainer") -> Json:
    return dict(rendered.get("CronJob", name)["spec"]["jobTemplate"]["spec"])


def worker(rendered: Manifests) -> Json:
    return dict(rendered.pod("CronJob", "trainer")["initContainers"][-1])


def test_without_workers_nothing_is_there_for_them(render: Render) -> None:
    rendered = render()
    assert not {"completionMode", "completions", "parallelism", "successPolicy"} & job(rendered).keys()
    assert not {"initContainers", "subdomain"} & rendered.pod("CronJob", "trainer").keys()
    assert rendered.container("CronJob", "trainer")["args"] == ["-m", "trainer"]
    assert "Service/trainer-workers" not in rendered.names()
    assert not any("secrets" in rule["resources"] for rule in rendered.get("Role", "trainer")["rules"])


def test_job_has_a_pod_more_than_workers_and_is_done_when_the_first_is(distributed: Manifests) -> None:
    spec = job(distributed)
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 3, 3)
    assert spec["successPolicy"] == {"rules": [{"succeededIndexes": "0"}]}


def test_each_pod_is_tried_again_by_itself(render: Render) -> None:
    spec = job(render(joined(TWO_WORKERS, {"trainer": {"backoffLimit": 7}})))
    assert spec["backoffLimitPerIndex"] == 7
    assert "backoffLimit" not in spec, "workers that were lost together would end the run"


def test_pipeline_alone_decides_whether_a_run_is_worth_a_retry(distributed: Manifests) -> None:
    ignore, pipeline, workers = job(distributed)["podFailurePolicy"]["rules"]
    assert ignore["action"] == "Ignore"
    assert {rule["action"] for rule in (pipeline, workers)} == {"FailJob"}
    assert pipeline["onExitCodes"]["containerName"] == "trainer"
    assert pipeline["onExitCodes"]["values"] == [Exit.BAD_SETTINGS, Exit.BAD_DATA, Exit.ROLLED_BACK, 137]
    assert workers["onExitCodes"] == {"containerName": "worker", "operator": "In", "values": [Exit.BAD_SETTINGS]}


def test_worker_comes_before_the_pipeline_in_the_same_pod(distributed: Manifests) -> None:
    assert (worker(distributed)["name"], worker(distributed)["args"]) == ("worker", ["-m", "trainer", "worker"])
    pipeline = distributed.container("CronJob", "trainer")
    assert (pipeline["name"], pipeline["args"]) == ("trainer", ["-m", "trainer", "--dask", "job"])
    own = ("name", "args", "resources")
    assert _without(worker(distributed), own) == _without(pipeline, own), "settings, code and rights are the same"


def test_workers_follow_the_shops_own_init_containers(render: Render) -> None:
    first = {"name": "first", "image": "registry.example.com/first:1"}
    rendered = render(joined(TWO_WORKERS, {"trainer": {"initContainers": [first]}}))
    assert [one["name"] for one in rendered.pod("CronJob", "trainer")["initContainers"]] == ["first", "worker"]


def test_workers_have_resources_of_their_own(render: Render) -> None:
    large = {"requests": {"cpu": "8", "memory": "16Gi"}, "limits": {"memory": "32Gi"}}
    rendered = render(joined(TWO_WORKERS, {"trainer": {"distributed": {"resources": large}}}))
    assert worker(rendered)["resources"] == large
    assert (
        rendered.container("CronJob", "trainer")["resources"] == render().container("CronJob", "trainer")["resources"]
    )


def test_workers_run_the_shops_own_code(render: Render) -> None:
    code = {"code": {"class": "my:Mine", "files": {"my.py": "class Mine: ...\n"}}}
    mounts = worker(render(joined(TWO_WORKERS, {"trainer": code})))["volumeMounts"]
    assert {"name": "shop-code", "mountPath": "/opt/shop", "readOnly": True} in mounts


@pytest.mark.parametrize("prefix", ["", "blue"])
def test_pods_find_the_leading_one_by_name(render: Render, prefix: str) -> None:
    rendered = render(TWO_WORKERS, namePrefix=prefix)
    before = f"{prefix}-" if prefix else ""
    service = rendered.get("Service", f"{before}trainer-workers")["spec"]
    assert (service["clusterIP"], service["publishNotReadyAddresses"]) == ("None", True)
    assert [port["port"] for port in service["ports"]] == [8786]
    pod = rendered.pod("CronJob", f"{before}trainer")
    assert pod["subdomain"] == f"{before}trainer-workers"
    told = environment(pod["initContainers"][0])
    assert told["DASK_HOST"] == f"$(JOB_NAME)-0.{before}trainer-workers"
    assert list(told).index("JOB_NAME") < list(told).index("DASK_HOST"), "Kubernetes fills in what came before"
    assert {name: _field(told[name]) for name in ("JOB_NAME", "JOB_COMPLETION_INDEX", "POD_IP")} == {
        "JOB_NAME": "metadata.labels['batch.kubernetes.io/job-name']",
        "JOB_COMPLETION_INDEX": "metadata.annotations['batch.kubernetes.io/job-completion-index']",
        "POD_IP": "status.podIP",
    }


@pytest.mark.parametrize("prefix", ["", "blue"])
def test_trainer_may_read_its_job_and_keep_the_runs_certificate(render: Render, prefix: str) -> None:
    before = f"{prefix}-" if prefix else ""
    rendered = render(TWO_WORKERS, namePrefix=prefix)
    rules = rendered.get("Role", f"{before}trainer")["rules"]
    secrets = [rule for rule in rules if rule["resources"] == ["secrets"]]
    secret = rendered.data(f"{before}trainer")["DASK_SECRET"]
    assert secret == f"{before}trainer-dask"
    assert [(rule.get("resourceNames"), rule["verbs"]) for rule in secrets] == [
        (None, ["create"]),
        ([secret], ["get", "update"]),
    ]
    assert [rule["verbs"] for rule in rules if rule["resources"] == ["jobs"]] == [["get"]]


def test_only_pods_of_the_trainer_reach_its_pods(render: Render) -> None:
    policy = render(TWO_WORKERS, networkPolicy={"enabled": True}).get("NetworkPolicy", "trainer")["spec"]
    peers = [{"podSelector": policy["podSelector"]}]
    assert policy["ingress"] == [{"from": peers}]
    assert {"to": peers} in policy["egress"]


def test_nobody_reaches_a_trainer_without_workers(render: Render) -> None:
    assert render(networkPolicy={"enabled": True}).get("NetworkPolicy", "trainer")["spec"]["ingress"] == []


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"workers": -1}, "at '/trainer/distributed/workers': minimum: got -1, want 0"),
        ({"workers": "two"}, "at '/trainer/distributed/workers': got string, want integer"),
        ({"worker": 2}, "at '/trainer/distributed': additional properties 'worker' not allowed"),
        ({"resources": {"cpu": 1}}, "at '/trainer/distributed/resources': additional properties 'cpu' not allowed"),
    ],
)
def test_a_wrong_value_is_named(refusal: Callable[[Values], str], values: Values, complaint: str) -> None:
    assert complaint in refusal({"trainer": {"distributed": values}})


def _without(container: Json, names: tuple[str, ...]) -> Json:
    return {name: value for name, value in container.items() if name not in names}


def _field(source: Any) -> str:  # noqa: ANN401 (whatever the manifest says)
    return str(source["fieldRef"]["fieldPath"])
