"""kubectl, told whose word it carries and where it may keep what it learns of the API."""

from tests.cluster.commands import run
from tests.cluster.site import Site


def kubectl(site: Site, *arguments: str, user: str = "admin", given: str | None = None) -> str:
    """Give what kubectl prints to one of the users that have a kubeconfig. Raises ClusterError where it fails."""
    known = (f"--kubeconfig={site.kubeconfig(user)}", f"--cache-dir={site.folder}/kubectl-cache")
    return run("kubectl", *known, *arguments, given=given)
