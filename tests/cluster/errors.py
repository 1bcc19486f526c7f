"""What ends a command of the cluster."""

from runtime.errors import RecommenderError


class ClusterError(RecommenderError):
    """The cluster cannot be started, used or taken away; the message is the one line that its user gets."""
