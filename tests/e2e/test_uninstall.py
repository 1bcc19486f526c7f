"""The end of a release: what it leaves, and what it does not."""

from tests.e2e.shop import Shop

KINDS = (
    "deployments,replicasets,cronjobs,jobs,pods,services,endpointslices,configmaps,secrets,serviceaccounts,roles,"
    "rolebindings,poddisruptionbudgets,horizontalpodautoscalers,networkpolicies,ingresses,leases,persistentvolumeclaims"
)
OF_EVERY_NAMESPACE = {"configmap/kube-root-ca.crt", "serviceaccount/default"}


def left_in(shop: Shop) -> set[str]:
    return set(shop.kubectl("get", KINDS, "--output=name").split()) - OF_EVERY_NAMESPACE


def test_uninstall_leaves_nothing_but_the_bucket(installed: Shop) -> None:
    installed.helm("uninstall")
    installed.until(lambda: left_in(installed) <= {"persistentvolumeclaim/minio"}, "all but the bucket is gone")
    assert left_in(installed) == {"persistentvolumeclaim/minio"}
