"""What can go wrong with a cluster, for those who call this package; the client is not needed to tell."""

from runtime.errors import BadSettingsError, Exit, RecommenderError, TryAgainError


class ClusterUnavailableError(TryAgainError):
    """The API server does not answer, or is in trouble itself."""


class ClusterRefusedError(BadSettingsError):
    """The service account may not do this, or the request is not valid."""


class NotInClusterError(BadSettingsError):
    """An object that should be there is not, or there is no way to the cluster."""


class ConflictError(RecommenderError):
    """Somebody else changed the object, or made it first."""


class RolloutFailedError(RecommenderError):
    """The replicas did not all come up with the new version, or do not answer as they should."""


class SupersededError(RecommenderError):
    """Somebody else changed which version is in service while this process was at it: theirs holds.

    A retry would change it back, so there is none.
    """

    exit_code = Exit.ROLLED_BACK
