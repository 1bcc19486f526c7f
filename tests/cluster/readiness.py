"""Whether the cluster can be used, asked of those who would have to do the work."""

from typing import Final

from tests.cluster.api_client import ask
from tests.cluster.components import all_components
from tests.cluster.dns_question import resolves
from tests.cluster.processes import names_running
from tests.cluster.site import DNS_SERVICE, DOMAIN, NODE, Site

_NODE: Final = f"/api/v1/nodes/{NODE}"


def is_up(site: Site) -> bool:
    """Tell whether everything runs and works."""
    expected = {component.name for component in all_components(site)}
    return expected <= names_running(site) and node_is_ready(site)


def node_is_ready(site: Site) -> bool:
    """Tell whether pods can start and find one another. The node's own word may be that of an earlier life."""
    return (
        _says_ready(site)
        and ask(site, f"{_NODE}/proxy/healthz").ok
        and ask(site, "/api/v1/namespaces/default/serviceaccounts/default").ok
        and resolves(DNS_SERVICE, f"kubernetes.default.svc.{DOMAIN}")
    )


def _says_ready(site: Site) -> bool:
    node = ask(site, _NODE)
    if not node.ok:
        return False
    conditions = node.json()["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
