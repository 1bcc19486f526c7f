"""Which outcome an error ends a run with."""

from registry.history import Outcome
from runtime.errors import BadDataError, Exit, RecommenderError


def outcome_of(error: BaseException) -> Outcome:
    """Give the outcome of a run that ended with an error."""
    if isinstance(error, BadDataError):
        return Outcome.INVALID
    if isinstance(error, RecommenderError) and error.exit_code is Exit.ROLLED_BACK:
        return Outcome.ROLLED_BACK
    return Outcome.FAILED
