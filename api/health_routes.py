"""For probes, for scrapers, and for whoever wants to know whether the model is well."""

from typing import Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from api.admin import METRICS_PROBLEMS, SCHEME_NAME, require_metrics
from api.answers import Alive, Health, Ready
from api.health_figures import STATUSES
from api.json_answers import JsonAnswer
from api.openapi import problem_answers
from api.problems import Kind, Problem
from api.services import Parts, Services
from api.workers.siblings import first_problem
from registry.history import read_health
from runtime.errors import RecommenderError

router = APIRouter(tags=["Health"])


@router.get("/api/health", response_model=Health)
async def health(parts: Parts) -> Response:
    """Give the monitor's last report, and whether this server is ready."""
    report, unread = await run_in_threadpool(_report, parts)
    others, state = await parts.siblings.states(), parts.models.state
    status = report.get("status") if report else None
    return JsonAnswer(
        {
            "status": status if isinstance(status, str) and status in STATUSES else "UNKNOWN",
            "report": report,
            "ready": state.ready and all(other.ready for other in others),
            "model_version": state.served.version if state.served else None,
            "problem": first_problem(state, others) or unread,
        }
    )


@router.get("/healthz")
async def healthz() -> Alive:
    """Answer while the process lives."""
    return Alive()


@router.get("/readyz", responses=problem_answers(Kind.MODEL_NOT_AVAILABLE))
async def readyz(parts: Parts) -> Ready:
    """Answer 200 once the model is loaded, checked and warm, or once the store is known to hold none."""
    others, state = await parts.siblings.states(), parts.models.state
    if not (state.ready and all(other.ready for other in others)):
        raise Problem(Kind.MODEL_NOT_AVAILABLE, first_problem(state, others) or "")
    return Ready(model_version=state.served.version if state.served else None)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    dependencies=[Depends(require_metrics)],
    # Whether a token is needed is a setting, which the document need not tell.
    openapi_extra={"security": [{}, {SCHEME_NAME: []}]},
    responses={
        200: {"description": "Prometheus' text format.", "content": {"text/plain": {"example": "model_users 102.0"}}},
        **problem_answers(*METRICS_PROBLEMS),
    },
)
async def metrics(parts: Parts) -> Response:
    """Give the metrics for Prometheus; where METRICS_TOKEN is set, to those who send a token."""
    return Response(await parts.siblings.metrics(parts.telemetry), media_type=CONTENT_TYPE_LATEST)


def _report(parts: Services) -> tuple[dict[str, Any] | None, str | None]:
    """Give the monitor's report, and why there is none where the store cannot be asked."""
    try:
        return read_health(parts.registry.store), None
    except RecommenderError as error:
        return None, str(error)
