"""The parts that the routes work with, and how a route gets at them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.console.kept_charts import KeptCharts
from api.console.trying import OtherVersions
from api.exchanges import exchange_of
from api.follower import Follower
from api.problems import Kind, Problem
from api.rate_limit import Rate
from api.served_model import ModelService, ServedModel
from api.settings import ApiSettings
from api.telemetry import Telemetry
from api.tokens import Token
from api.training_runs import TrainingRuns
from api.workers.siblings import Siblings
from registry.registry import Registry
from serving.replicas import Replicas


@dataclass(frozen=True)
class Services:
    """All that one application works with."""

    settings: ApiSettings
    registry: Registry
    models: ModelService
    telemetry: Telemetry
    follower: Follower
    runs: TrainingRuns
    replicas: Replicas
    tokens: tuple[Token, ...]
    admin_rate: Rate
    other_versions: OtherVersions
    charts: KeptCharts
    siblings: Siblings


async def services(request: Request) -> Services:
    """Give the application's parts."""
    found: Services = request.app.state.services
    return found


async def served_model(request: Request) -> ServedModel:
    """Take the model in service, once: whatever is swapped meanwhile, one request is answered by one model.

    Raises the Problem that says why there is none.
    """
    state = (await services(request)).models.state
    if state.served is not None:
        exchange_of(request.scope).model_version = state.served.version
        return state.served
    if state.problem is None:
        raise Problem(Kind.MODEL_NOT_TRAINED, "the store holds no model yet: train one with `python -m trainer`")
    raise Problem(Kind.MODEL_NOT_AVAILABLE, state.problem)


Parts = Annotated[Services, Depends(services)]
Served = Annotated[ServedModel, Depends(served_model)]
