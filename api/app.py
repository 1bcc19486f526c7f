"""The application: its parts put together, and the order in which they start and stop."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from api import (
    basket_routes,
    batch_routes,
    companion_routes,
    docs_page,
    erasure_routes,
    health_routes,
    model_routes,
    product_routes,
    training_routes,
)
from api.access_log import AccessLog
from api.allow_lists import ANY
from api.body_limit import BodyLimit
from api.child_runs import ChildRuns
from api.cluster_runs import ClusterRuns
from api.console import routes as console_routes
from api.console.kept_charts import KeptCharts
from api.console.trying import OtherVersions
from api.exchanges import ObservedRequests, Observer
from api.follower import Follower
from api.host_names import HostNames
from api.list_routes import KeptLists, ListRoute, PlainLists
from api.openapi import DescribedApi, problem_answers
from api.other_origins import OtherOrigins
from api.private_copies import PrivateCopies
from api.problems import Kind, UnexpectedErrors, map_exceptions
from api.rate_limit import RateLimit
from api.replicas import replicas_of
from api.security_headers import SecurityHeaders
from api.served_model import ModelService
from api.services import Services
from api.settings import ApiSettings
from api.telemetry import Telemetry
from api.time_limit import TimeLimit
from api.tokens import tokens_of
from api.training_runs import TrainingRuns
from api.workers.desk import RateAtDesk, RunsAtDesk
from api.workers.place import Place
from api.workers.shared_models import SharedModels
from api.workers.siblings import NoSiblings
from registry.objects import ObjectStore
from registry.registry import Registry

if TYPE_CHECKING:
    from api.tracing import Traces


def create_app(
    settings: ApiSettings, store: ObjectStore, command: Sequence[str] | None, place: Place | None = None
) -> FastAPI:
    """Put the API together. `command` starts the trainer on this machine; None where it is not installed here.

    `place`: which of several workers this process is, None where it is the only one.
    """
    services = _services(settings, store, command, place)
    traces = _traces(settings)
    app = DescribedApi(
        lifespan=_lifespan,
        responses=problem_answers(Kind.INTERNAL_ERROR),
        middleware=[
            Middleware(ObservedRequests, observers=_observers(settings, services.telemetry)),
            Middleware(SecurityHeaders),
            *_trust(settings),
            *(traces.middleware() if traces else ()),
            Middleware(KeptLists, models=services.models),
            Middleware(UnexpectedErrors),
            Middleware(TimeLimit, seconds=settings.request_seconds),
            Middleware(BodyLimit, max_bytes=settings.max_body_bytes),
            Middleware(PlainLists, routes=_list_routes(), models=services.models),
        ],
    )
    app.state.services, app.state.traces = services, traces
    map_exceptions(app)
    for router in (
        product_routes.router,
        product_routes.user_router,
        companion_routes.router,
        basket_routes.router,
        batch_routes.router,
        erasure_routes.router,
        model_routes.router,
        training_routes.router,
        health_routes.router,
    ):
        app.include_router(router)
    docs_page.add_to(app)
    if settings.console:
        console_routes.add_to(app)
    return app


def _list_routes() -> list[ListRoute]:
    routers = (product_routes.router, product_routes.user_router, basket_routes.router)
    return [route for router in routers for route in router.routes if isinstance(route, ListRoute)]


def _trust(settings: ApiSettings) -> list[Middleware]:
    """Give what checks who asks by which name; nothing where all may, so that it costs nothing."""
    return [
        *([] if ANY in settings.trusted_hosts else [Middleware(HostNames, trusted=settings.trusted_hosts)]),
        *([Middleware(OtherOrigins, origins=settings.cors_origins)] if settings.cors_origins else []),
    ]


def _services(
    settings: ApiSettings, store: ObjectStore, command: Sequence[str] | None, place: Place | None
) -> Services:
    registry = _registry(store, place)
    models = ModelService()
    telemetry = Telemetry(models, store)
    follower = Follower(registry, models, telemetry, settings.poll_seconds, settings.model_version)
    rate = RateLimit(settings.admin_requests_per_minute) if place is None else RateAtDesk(place.folder.parent)
    return Services(
        settings,
        registry,
        models,
        telemetry,
        follower,
        _runs(settings, command, follower, place),
        replicas_of(settings),
        tokens_of(settings.admin_token, settings.metrics_token),
        rate,
        OtherVersions(registry),
        KeptCharts(),
        NoSiblings() if place is None else place.siblings,
    )


def _registry(store: ObjectStore, place: Place | None) -> Registry:
    if place is None:
        return Registry(PrivateCopies(store))
    return SharedModels(store, place.folder.models, when_new=place.siblings.wake)


def _runs(
    settings: ApiSettings, command: Sequence[str] | None, follower: Follower, place: Place | None
) -> TrainingRuns:
    if settings.cluster_namespace is not None:
        return ClusterRuns(settings)
    return ChildRuns(command, when_ended=follower.poke) if place is None else RunsAtDesk(place.folder.parent)


def _observers(settings: ApiSettings, telemetry: Telemetry) -> list[Observer]:
    if settings.access_log == "none":
        return [telemetry.requests]
    log = AccessLog(errors_only=settings.access_log == "errors", paths=settings.access_log_paths)
    return [telemetry.requests, log]


def _traces(settings: ApiSettings) -> "Traces | None":
    if settings.otel_exporter_otlp_endpoint is None:
        return None
    from api.tracing import Traces  # noqa: PLC0415 (0.1 s to import, and 9 MB of memory)

    return Traces(settings.otel_exporter_otlp_endpoint, paths=settings.access_log_paths)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    services.follower.start()
    try:
        yield
    finally:
        await run_in_threadpool(services.runs.stop)
        await run_in_threadpool(services.follower.stop)
        if app.state.traces is not None:
            await run_in_threadpool(app.state.traces.stop)
