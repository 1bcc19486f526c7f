"""A trainer that does all that it does, but waits less between its tries and for answers that never come."""

import functools

import boto3
import botocore.config
import botocore.loaders
import botocore.retries.standard
import botocore.session

import cluster.connection
import registry.s3


def wait_less() -> None:
    """Change this process, and those that it forks."""
    botocore.retries.standard.ExponentialBackoff.delay_amount = lambda *_: 0.005  # type: ignore[method-assign]
    _read_service_descriptions_once()


def wait_for_answers(seconds: float) -> None:
    """Give an answer of the store or the cluster so many seconds to come."""
    config = functools.partial(_hasty_config, botocore.config.Config, seconds)
    registry.s3.Config = config  # type: ignore[attr-defined, assignment]
    cluster.connection._TIMEOUT = (seconds, seconds)  # type: ignore[misc, assignment]


def _hasty_config(original: type, seconds: float, **options: object) -> object:
    return original(**{**options, "connect_timeout": seconds, "read_timeout": seconds})


def _read_service_descriptions_once() -> None:
    """Spare each run the 80 ms in which it reads what Amazon's services are."""
    loader = botocore.loaders.create_loader()
    botocore.session.create_loader = lambda *_: loader
    boto3.session.Session().client("s3", region_name="us-east-1", endpoint_url="http://127.0.0.1:1").close()
