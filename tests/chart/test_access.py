"""What the ServiceAccounts may do: this and nothing else, in the release's namespace alone."""

from tests.chart.conftest import Render
from tests.chart.manifests import Manifests

Right = tuple[str, str, str | None]

TRAINER: set[Right] = {
    ("get", "deployments", "api"),
    ("patch", "deployments", "api"),
    ("list", "replicasets", None),
    ("get", "pods", None),
    ("list", "pods", None),
    ("create", "leases", None),
    ("get", "leases", "trainer"),
    ("update", "leases", "trainer"),
    ("get", "cronjobs", "trainer"),
    ("create", "events", None),
}
API: set[Right] = {
    ("get", "cronjobs", "trainer"),
    ("create", "jobs", None),
    ("get", "jobs", None),
    ("list", "jobs", None),
    ("get", "pods", None),
    ("list", "pods", None),
    ("get", "deployments", "api"),
    ("patch", "deployments", "api"),
}
LOOKING: set[Right] = {
    ("get", "deployments", "api"),
    ("list", "pods", None),
    ("get", "cronjobs", "trainer"),
    ("create", "events", None),
}
HEALING: set[Right] = {
    ("patch", "deployments", "api"),
    ("create", "leases", None),
    ("get", "leases", "trainer"),
    ("update", "leases", "trainer"),
}
FIRST_TRAINING: set[Right] = {("get", "cronjobs", "trainer"), ("create", "jobs", None), ("get", "jobs", None)}


def test_each_account_may_do_what_it_has_to_and_nothing_else(local: Manifests) -> None:
    assert _rights(local, "trainer") == TRAINER
    assert _rights(local, "api") == API
    assert _rights(local, "monitor") == LOOKING | HEALING
    assert _rights(local, "trainer-first") == FIRST_TRAINING
    assert local.names("Role") == local.names("RoleBinding") == {"trainer", "api", "monitor", "trainer-first"}


def test_a_monitor_that_may_not_heal_may_only_look_and_tell(render: Render) -> None:
    assert _rights(render({"monitor": {"heal": False}}), "monitor") == LOOKING
    assert "monitor" not in render({"monitor": {"enabled": False}}).names("Role")


def test_nothing_reaches_beyond_the_namespace(local: Manifests) -> None:
    assert not local.names("ClusterRole") | local.names("ClusterRoleBinding")
    for name in local.names("RoleBinding"):
        binding = local.get("RoleBinding", name)
        assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": name, "namespace": "ns"}]


def test_no_account_hands_its_token_to_pods_that_do_not_ask(local: Manifests) -> None:
    accounts = [local.get("ServiceAccount", name) for name in local.names("ServiceAccount")]
    assert {account["automountServiceAccountToken"] for account in accounts} == {False}


def test_roles_can_be_left_to_others(render: Render) -> None:
    rendered = render({"rbac": {"create": False}, "api": {"adminToken": {"value": "token"}}})
    assert not rendered.names("Role") | rendered.names("RoleBinding")


def _rights(rendered: Manifests, role: str) -> set[Right]:
    return {
        (verb, resource, name)
        for rule in rendered.get("Role", role)["rules"]
        for verb in rule["verbs"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [None])
    }
