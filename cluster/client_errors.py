"""The client's exceptions, turned into this package's at one place."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import urllib3
from kubernetes.client.exceptions import ApiException

from cluster.errors import ClusterRefusedError, ClusterUnavailableError, ConflictError, NotInClusterError
from runtime.errors import RecommenderError

_TRY_AGAIN: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@contextmanager
def cluster_errors(operation: str) -> Iterator[None]:
    """Name the operation that failed, such as "read Deployment shop/api"."""
    try:
        yield
    except ApiException as error:
        raise _from_answer(error, f"cannot {operation}") from None
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise ClusterUnavailableError(f"cannot {operation}: the API server does not answer: {error}") from None
    except json.JSONDecodeError:
        raise ClusterUnavailableError(f"cannot {operation}: the API server's answer ended in its middle") from None


def _from_answer(error: ApiException, where: str) -> RecommenderError:
    reason = f"{where}: {_message(error)}"
    if error.status == HTTPStatus.CONFLICT:
        return ConflictError(reason)
    if error.status == HTTPStatus.NOT_FOUND:
        return NotInClusterError(reason, hint="Are the names those of the release? `helm status` shows them")
    if error.status in _TRY_AGAIN or not error.status or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ClusterUnavailableError(reason)
    return ClusterRefusedError(reason, hint="The chart's Roles give the rights that are needed: were they changed?")


def _message(error: ApiException) -> str:
    """Give the sentence in the API server's answer, else what HTTP says."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return f"{error.status} {error.reason}"
