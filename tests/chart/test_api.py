"""Deployment and Service `api`, and what scales and shields them."""

import pytest

from tests.chart.conftest import Render
from tests.chart.manifests import Json, environment


def deployment(render: Render, **values: object) -> Json:
    return dict(render({"api": values}).get("Deployment", "api")["spec"])


def test_no_replica_goes_before_a_new_one_is_ready(render: Render) -> None:
    found = deployment(render)
    assert found["replicas"] == 2
    assert found["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def test_replicas_are_left_to_whoever_scales(render: Render) -> None:
    assert "replicas" not in deployment(render, autoscaling={"enabled": True})
    assert "replicas" not in deployment(render, replicas=None)
    assert deployment(render, replicas=0)["replicas"] == 0


def test_ready_means_loaded_and_alive_means_answering(render: Render) -> None:
    container = deployment(render)["template"]["spec"]["containers"][0]
    paths = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert [paths[probe]["path"] for probe in paths] == ["/readyz", "/readyz", "/healthz"]
    assert {paths[probe]["port"] for probe in paths} == {"http"}
    assert container["ports"] == [{"name": "http", "containerPort": 8000, "protocol": "TCP"}]


def test_a_store_that_is_away_at_the_start_is_waited_for_and_not_met_by_a_crash_loop(render: Render) -> None:
    probe = deployment(render)["template"]["spec"]["containers"][0]["startupProbe"]
    # A container that ran for ten minutes is restarted at once.
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 600


def test_a_replica_ends_with_time_for_the_requests_under_way(render: Render) -> None:
    rendered = render({"api": {"preStopSeconds": 7, "drainSeconds": 2.5, "shutdownSeconds": 20}})
    pod = rendered.pod("Deployment", "api")
    assert pod["containers"][0]["lifecycle"]["preStop"] == {"sleep": {"seconds": 7}}
    assert pod["terminationGracePeriodSeconds"] > 7 + 2.5 + 20
    assert rendered.data("api")["DRAIN_SECONDS"] == "2.5"
    assert rendered.data("api")["SHUTDOWN_SECONDS"] == "20"


@pytest.mark.parametrize("workers", [1, 4])
def test_a_replica_has_as_many_workers_as_it_is_told(render: Render, workers: int) -> None:
    assert render({"api": {"workers": workers}}).data("api")["API_WORKERS"] == str(workers)


def test_a_replica_may_end_at_once(render: Render) -> None:
    pod = deployment(render, preStopSeconds=0, terminationGracePeriodSeconds=3)["template"]["spec"]
    assert "lifecycle" not in pod["containers"][0]
    assert pod["terminationGracePeriodSeconds"] == 3


def test_each_replica_keeps_to_the_version_that_its_template_pins(render: Render) -> None:
    own = environment(deployment(render)["template"]["spec"]["containers"][0])
    assert own["MODEL_VERSION"]["fieldRef"]["fieldPath"] == "metadata.annotations['recommender/model-version']"


def test_without_a_token_the_api_speaks_to_no_cluster_and_has_no_rights(render: Render) -> None:
    rendered = render()
    assert "CLUSTER_NAMESPACE" not in environment(rendered.container("Deployment", "api"))
    assert "ADMIN_TOKEN" not in environment(rendered.container("Deployment", "api"))
    assert "api" not in rendered.names("Role") | rendered.names("RoleBinding")


def test_with_a_token_the_api_may_make_jobs(render: Render) -> None:
    rendered = render({"api": {"adminToken": {"existingSecret": {"name": "admin", "key": "bearer"}}}})
    own = environment(rendered.container("Deployment", "api"))
    assert own["ADMIN_TOKEN"] == {"secretKeyRef": {"name": "admin", "key": "bearer"}}
    assert own["CLUSTER_NAMESPACE"]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert rendered.data("api")["TRAINER_CRONJOB"] == "trainer"
    assert "api" in rendered.names("Role") & rendered.names("RoleBinding")


def test_several_tokens_are_one_text(render: Render) -> None:
    tokens = "ann admin one\ndashboard metrics two\n"
    rendered = render({"api": {"adminToken": {"value": tokens}}})
    assert rendered.get("Secret", "recommender-admin")["stringData"] == {"token": tokens}


def test_metrics_are_open_until_they_have_a_token(render: Render) -> None:
    rendered = render({"api": {"serviceMonitor": {"enabled": True}}})
    assert "METRICS_TOKEN" not in environment(rendered.container("Deployment", "api"))
    assert "authorization" not in rendered.get("ServiceMonitor", "api")["spec"]["endpoints"][0]


def test_whoever_asks_for_metrics_shows_their_token(render: Render) -> None:
    given = {"existingSecret": {"name": "scraping", "key": "bearer"}}
    rendered = render({"api": {"metricsToken": given, "serviceMonitor": {"enabled": True}}})
    for kind, name in (("Deployment", "api"), ("CronJob", "trainer")):
        secret = environment(rendered.container(kind, name))["METRICS_TOKEN"]["secretKeyRef"]
        assert secret == {"name": "scraping", "key": "bearer"}
    endpoint = rendered.get("ServiceMonitor", "api")["spec"]["endpoints"][0]
    assert endpoint["authorization"] == {"credentials": {"name": "scraping", "key": "bearer"}}
    assert "METRICS_TOKEN" not in environment(rendered.container("CronJob", "monitor"))


def test_a_token_of_the_metrics_can_be_a_value(render: Render) -> None:
    rendered = render({"namePrefix": "blue", "api": {"metricsToken": {"value": "scraping"}}})
    assert rendered.get("Secret", "blue-recommender-metrics")["stringData"] == {"token": "scraping"}
    secret = environment(rendered.container("Deployment", "blue-api"))["METRICS_TOKEN"]["secretKeyRef"]
    assert secret == {"name": "blue-recommender-metrics", "key": "token"}


def test_the_api_stays_reachable_by_the_names_of_its_service(render: Render) -> None:
    assert "TRUSTED_HOSTS" not in render().data("api")
    given = {"namePrefix": "blue", "api": {"settings": {"TRUSTED_HOSTS": "shop.example.com"}}}
    trusted = render(given).data("blue-api")["TRUSTED_HOSTS"].split(",")
    assert trusted == [
        *("shop.example.com", "blue-api", "blue-api.ns", "blue-api.ns.svc", "blue-api.ns.svc.cluster.local")
    ]


def test_retraining_can_be_kept_out_of_the_cluster_though_there_is_a_token(render: Render) -> None:
    rendered = render({"api": {"adminToken": {"value": "token"}, "retrain": {"enabled": False}}})
    assert "CLUSTER_NAMESPACE" not in environment(rendered.container("Deployment", "api"))
    assert "api" not in rendered.names("Role")
    assert rendered.get("Secret", "recommender-admin")["stringData"] == {"token": "token"}


def test_a_changed_setting_or_secret_restarts_the_replicas(render: Render) -> None:
    def annotations(**values: object) -> Json:
        return dict(render(values).get("Deployment", "api")["spec"]["template"]["metadata"]["annotations"])

    plain = annotations()
    changes: list[dict[str, object]] = [
        {"logging": {"level": "DEBUG"}},
        {"store": {"url": "s3://other"}},
        {"api": {"settings": {"POLL_SECONDS": 9}}},
        {"api": {"adminToken": {"value": "token"}}},
        {"api": {"metricsToken": {"value": "token"}}},
        {"store": {"accessKeyId": "id", "secretAccessKey": "key"}},
    ]
    for change in changes:
        assert annotations(**change) != plain, change
    assert annotations(store={"accessKeyId": "id", "secretAccessKey": "a"}) != annotations(
        store={"accessKeyId": "id", "secretAccessKey": "b"}
    )


def test_what_is_logged_and_where_traces_go_is_a_setting(render: Render) -> None:
    logs = {"ACCESS_LOG": "errors", "ACCESS_LOG_PATHS": True, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
    rendered = render({"api": {"settings": logs}})
    told = {"ACCESS_LOG": "errors", "ACCESS_LOG_PATHS": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}
    assert rendered.data("api") | told == rendered.data("api")
    assert not told.keys() & render().data("api").keys()
    assert not told.keys() & rendered.data("trainer").keys()


def test_what_only_the_trainer_reads_restarts_no_replica(render: Render) -> None:
    changed = render({"settings": {"MIN_USERS": 9}, "trainer": {"schedule": "weekly"}, "database": {"host": "other"}})
    assert changed.get("Deployment", "api") == render().get("Deployment", "api")


def test_the_service_answers_on_port_80(render: Render) -> None:
    service = render().get("Service", "api")["spec"]
    assert service["type"] == "ClusterIP"
    assert [(port["port"], port["targetPort"]) for port in service["ports"]] == [(80, "http")]


def test_the_service_can_be_a_load_balancer_of_ones_own(render: Render) -> None:
    told = {
        "type": "LoadBalancer",
        "port": 8080,
        "loadBalancerClass": "internal",
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
        "externalTrafficPolicy": "Local",
        "trafficDistribution": "PreferClose",
        "annotations": {"a": "b"},
    }
    service = render({"api": {"service": told}}).get("Service", "api")
    assert service["metadata"]["annotations"] == {"a": "b"}
    assert service["spec"]["ports"][0]["port"] == 8080
    same = ("type", "loadBalancerClass", "loadBalancerSourceRanges", "externalTrafficPolicy", "trafficDistribution")
    assert {key: service["spec"][key] for key in same} == {key: told[key] for key in same}


def test_replicas_are_spread_over_nodes_and_zones_as_far_as_it_goes(render: Render) -> None:
    constraints = deployment(render)["template"]["spec"]["topologySpreadConstraints"]
    assert [one["topologyKey"] for one in constraints] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    assert {one["whenUnsatisfiable"] for one in constraints} == {"ScheduleAnyway"}
    assert {one["labelSelector"]["matchLabels"]["app.kubernetes.io/component"] for one in constraints} == {"api"}


def test_the_autoscaler_measures_what_it_is_told(render: Render) -> None:
    told = {
        "enabled": True,
        "minReplicas": 3,
        "maxReplicas": 30,
        "targetMemoryUtilizationPercentage": 80,
        "metrics": [{"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue"}}}],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}},
    }
    found = render({"api": {"autoscaling": told}}).get("HorizontalPodAutoscaler", "api")["spec"]
    assert (found["minReplicas"], found["maxReplicas"]) == (3, 30)
    assert [one.get("resource", {}).get("name") for one in found["metrics"]] == ["cpu", "memory", None]
    assert found["behavior"] == told["behavior"]


def test_one_measure_can_be_switched_off(render: Render) -> None:
    told = {"enabled": True, "targetCPUUtilizationPercentage": None, "targetMemoryUtilizationPercentage": 80}
    found = render({"api": {"autoscaling": told}}).get("HorizontalPodAutoscaler", "api")["spec"]
    assert [one["resource"]["name"] for one in found["metrics"]] == ["memory"]


def test_nodes_can_be_emptied_but_not_of_all_replicas_at_once(render: Render) -> None:
    def budget(**values: object) -> Json:
        return dict(render({"api": {"podDisruptionBudget": values}}).get("PodDisruptionBudget", "api")["spec"])

    assert budget()["maxUnavailable"] == 1
    assert budget(maxUnavailable="25%")["maxUnavailable"] == "25%"
    assert budget(minAvailable=0)["minAvailable"] == 0
    assert "maxUnavailable" not in budget(minAvailable=2)
    assert not render({"api": {"podDisruptionBudget": {"enabled": False}}}).names("PodDisruptionBudget")
