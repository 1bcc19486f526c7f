"""CronJob `monitor`, and the pod of `helm test`, which runs as it does."""

from tests.chart.conftest import Render
from tests.chart.manifests import environment


def test_it_looks_every_hour(render: Render) -> None:
    found = render().get("CronJob", "monitor")["spec"]
    assert found["schedule"] == "15 * * * *"
    assert render().container("CronJob", "monitor")["args"] == [
        *("-m", "monitor", "--action", "health", "--format", "human")
    ]


def test_a_model_that_is_not_well_is_one_failed_job_and_no_storm_of_them(render: Render) -> None:
    job = render().get("CronJob", "monitor")["spec"]["jobTemplate"]["spec"]
    rule = job["podFailurePolicy"]["rules"][1]
    assert (rule["action"], rule["onExitCodes"]["values"]) == ("FailJob", [1, 64, 65, 137])
    assert rule["onExitCodes"]["containerName"] == job["template"]["spec"]["containers"][0]["name"]


def test_it_can_be_strict_and_speak_to_machines(render: Render) -> None:
    args = render({"monitor": {"strict": True, "format": "json"}}).container("CronJob", "monitor")["args"]
    assert args[-3:] == ["--format", "json", "--strict"]


def test_it_can_be_switched_off_and_the_test_still_runs(render: Render) -> None:
    rendered = render({"monitor": {"enabled": False}, "networkPolicy": {"enabled": True}})
    assert rendered.names("CronJob") == {"trainer"}
    assert rendered.pod("Pod", "recommender-test")["serviceAccountName"] in rendered.names("ServiceAccount")
    assert "monitor" not in rendered.names("NetworkPolicy")


def test_it_knows_where_it_is_and_the_test_does_not(render: Render) -> None:
    rendered = render({"namePrefix": "blue", "monitor": {"heal": False}})
    own = environment(rendered.container("CronJob", "blue-monitor"))
    assert own["CLUSTER_NAMESPACE"]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert own["POD_NAME"]["fieldRef"]["fieldPath"] == "metadata.name"
    told = rendered.data("blue-monitor")
    names = [told[name] for name in ("API_DEPLOYMENT", "TRAINER_CRONJOB", "TRAINER_LEASE", "MONITOR_HEAL")]
    assert names == ["blue-api", "blue-trainer", "blue-trainer", "false"]
    assert rendered.pod("CronJob", "blue-monitor")["automountServiceAccountToken"] is True
    test = rendered.get("Pod", "blue-recommender-test")
    assert test["spec"]["automountServiceAccountToken"] is False
    assert "CLUSTER_NAMESPACE" not in environment(test["spec"]["containers"][0])


def test_helm_test_asks_the_service_and_the_store(render: Render) -> None:
    rendered = render({"api": {"service": {"port": 8080}}})
    pod = rendered.get("Pod", "recommender-test")
    assert pod["metadata"]["annotations"] == {
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
        "helm.sh/hook-output-log-policy": "hook-succeeded,hook-failed",
    }
    container = pod["spec"]["containers"][0]
    assert container["args"] == ["-m", "monitor", "--action", "service", "--api-url", "http://api:8080"]
    assert container["envFrom"] == [{"configMapRef": {"name": "monitor"}}]
    assert pod["spec"]["restartPolicy"] == "Never"


def test_it_tells_nobody_unless_a_webhook_is_named(render: Render) -> None:
    rendered = render()
    assert "MONITOR_WEBHOOK_URL" not in environment(rendered.container("CronJob", "monitor"))
    assert "recommender-webhook" not in rendered.names("Secret")


def test_the_webhooks_address_is_a_secret(render: Render) -> None:
    address = "https://hooks.slack.com/services/T0/B0/secret"
    rendered = render({"monitor": {"webhook": {"url": address, "format": "generic"}}})
    assert rendered.get("Secret", "recommender-webhook")["stringData"] == {"url": address}
    assert address not in rendered.data("monitor").values()
    assert rendered.data("monitor")["MONITOR_WEBHOOK_FORMAT"] == "generic"
    told = environment(rendered.container("CronJob", "monitor"))["MONITOR_WEBHOOK_URL"]
    assert told == {"secretKeyRef": {"name": "recommender-webhook", "key": "url"}}
    assert "MONITOR_WEBHOOK_URL" not in environment(rendered.container("Pod", "recommender-test"))


def test_the_webhooks_address_may_be_in_a_secret_of_ones_own(render: Render) -> None:
    given = {"url": "https://ignored", "existingSecret": {"name": "slack", "key": "address"}}
    rendered = render({"monitor": {"webhook": given}})
    told = environment(rendered.container("CronJob", "monitor"))["MONITOR_WEBHOOK_URL"]
    assert told == {"secretKeyRef": {"name": "slack", "key": "address"}}
    assert "recommender-webhook" not in rendered.names("Secret")
