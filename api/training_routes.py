"""Starting the trainer, and asking how a run of it went."""

from fastapi import APIRouter, Depends, Response

from api.admin import ADMIN_PROBLEMS, require_admin
from api.answers import RunDescription, RunStarted
from api.openapi import problem_answers
from api.problems import Kind, Problem
from api.services import Parts
from api.training_runs import RunState, RunUnderWayError, TrainerMissingError
from api.validation import shorten

_PROBLEMS = (*ADMIN_PROBLEMS, Kind.CLUSTER_UNAVAILABLE)
router = APIRouter(tags=["Model"], dependencies=[Depends(require_admin)])


@router.post(
    "/api/model/retrain",
    status_code=202,
    responses=problem_answers(*_PROBLEMS, Kind.RUN_IN_PROGRESS, Kind.TRAINER_UNAVAILABLE),
)
def retrain(parts: Parts, response: Response) -> RunStarted:
    """Start the trainer, which promotes a new model if it is sound; there is one run at a time."""
    try:
        run_id = parts.runs.start()
    except RunUnderWayError as error:
        url = _url(error.run_id)
        raise Problem(Kind.RUN_IN_PROGRESS, f"see {url}", run_url=url) from None
    except TrainerMissingError as error:
        raise Problem(Kind.TRAINER_UNAVAILABLE, str(error)) from None
    response.headers["Location"] = _url(run_id)
    return RunStarted(run_id=run_id, state=RunState.RUNNING, url=_url(run_id))


@router.get("/api/model/runs/{run_id}", responses=problem_answers(*_PROBLEMS, Kind.RUN_NOT_FOUND))
def run(parts: Parts, run_id: str) -> RunDescription:
    """Tell how a run goes, or went.

    On one machine, the newest runs that were started here since the server's start; in a cluster, any Job of the
    trainer's CronJob that has not been cleaned up.
    """
    found = parts.runs.get(run_id)
    if found is None:
        raise Problem(Kind.RUN_NOT_FOUND, f"there is no run {shorten(run_id)}, or it is forgotten")
    return RunDescription.model_validate(found)


def _url(run_id: str) -> str:
    return f"/api/model/runs/{run_id}"
