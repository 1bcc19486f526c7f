"""The application: its parts put together, and the order in which they start and stop."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from api import basket_routes, docs_page, health_routes, model_routes, product_routes, training_routes
from api.body_limit import BodyLimit
from api.child_runs import ChildRuns
from api.cluster_runs import ClusterRuns
from api.follower import Follower
from api.openapi import DescribedApi, problem_answers
from api.private_copies import PrivateCopies
from api.problems import Kind, UnexpectedErrors, map_exceptions
from api.replicas import replicas_of
from api.served_model import ModelService
from api.services import Services
from api.settings import ApiSettings
from api.telemetry import RequestMetrics, Telemetry
from registry.objects import ObjectStore
from registry.registry import Registry


def create_app(settings: ApiSettings, store: ObjectStore, command: Sequence[str] | None) -> FastAPI:
    """Put the API together. `command` starts the trainer on this machine; None where it is not installed here."""
    services = _services(settings, store, command)
    app = DescribedApi(
        lifespan=_lifespan,
        responses=problem_answers(Kind.INTERNAL_ERROR),
        middleware=[
            Middleware(RequestMetrics, telemetry=services.telemetry),
            Middleware(UnexpectedErrors),
            Middleware(BodyLimit, max_bytes=settings.max_body_bytes),
        ],
    )
    app.state.services = services
    map_exceptions(app)
    for part in (product_routes, basket_routes, model_routes, training_routes, health_routes):
        app.include_router(part.router)
    docs_page.add_to(app)
    return app


def _services(settings: ApiSettings, store: ObjectStore, command: Sequence[str] | None) -> Services:
    registry = Registry(PrivateCopies(store))
    models = ModelService()
    telemetry = Telemetry(models)
    follower = Follower(registry, models, telemetry, settings.poll_seconds, settings.model_version)
    in_cluster = settings.cluster_namespace is not None
    runs = ClusterRuns(settings) if in_cluster else ChildRuns(command, when_ended=follower.poke)
    return Services(settings, registry, models, telemetry, follower, runs, replicas_of(settings))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    services.follower.start()
    try:
        yield
    finally:
        await run_in_threadpool(services.runs.stop)
        await run_in_threadpool(services.follower.stop)
