"""Starting the trainer, and asking how a run of it went."""

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime

from api.admin import ADMIN_PROBLEMS, NEEDS_TOKEN, READER_PROBLEMS, Admin, require_reader
from api.answers import RunDescription, RunLogLines, RunStarted
from api.openapi import problem_answers
from api.problems import Kind, Problem
from api.services import Parts
from api.training_runs import RunState, RunUnderWayError, TrainerMissingError, TrainingRuns
from api.validation import shorten
from registry.run_logs import read_run_log

router = APIRouter(tags=["Model"], dependencies=[NEEDS_TOKEN])


@router.post(
    "/api/model/retrain",
    status_code=202,
    responses=problem_answers(
        *ADMIN_PROBLEMS, Kind.RUN_IN_PROGRESS, Kind.CLUSTER_UNAVAILABLE, Kind.TRAINER_UNAVAILABLE
    ),
)
def retrain(parts: Parts, admin: Admin, response: Response) -> RunStarted:
    """Start the trainer, which promotes a new model if it is sound; there is one run at a time."""
    with admin.changing("retrain") as change:
        change.object = run_id = _start(parts.runs)
    response.headers["Location"] = _url(run_id)
    return RunStarted(run_id=run_id, state=RunState.RUNNING, url=_url(run_id))


@router.get(
    "/api/model/runs/{run_id}",
    dependencies=[Depends(require_reader)],
    responses=problem_answers(*READER_PROBLEMS, Kind.RUN_NOT_FOUND, Kind.CLUSTER_UNAVAILABLE),
)
def run(parts: Parts, run_id: str) -> RunDescription:
    """Tell how a run goes, or went.

    On one machine, the newest runs that were started here since the server's start; in a cluster, any Job of the
    trainer's CronJob that has not been cleaned up.
    """
    found = parts.runs.get(run_id)
    if found is None:
        raise Problem(Kind.RUN_NOT_FOUND, f"there is no run {shorten(run_id)}, or it is forgotten")
    return RunDescription.model_validate(found)


@router.get(
    "/api/model/logs/{run_at}",
    dependencies=[Depends(require_reader)],
    responses=problem_answers(*READER_PROBLEMS, Kind.INVALID_REQUEST, Kind.RUN_NOT_FOUND, Kind.STORE_UNAVAILABLE),
)
def run_log(parts: Parts, run_at: AwareDatetime) -> RunLogLines:
    """Give what a run logged, by the `timestamp` of its entry in metrics.json; the newest twenty are kept."""
    lines = read_run_log(parts.registry.store, run_at)
    if not lines:
        raise Problem(Kind.RUN_NOT_FOUND, f"no log is kept of a run of {run_at.isoformat()}")
    return RunLogLines(lines=lines)


def _start(runs: TrainingRuns) -> str:
    """Start a run and give its id. Raises the Problem that says why there is none."""
    try:
        return runs.start()
    except RunUnderWayError as error:
        url = _url(error.run_id)
        raise Problem(Kind.RUN_IN_PROGRESS, f"see {url}", run_url=url) from None
    except TrainerMissingError as error:
        raise Problem(Kind.TRAINER_UNAVAILABLE, str(error)) from None


def _url(run_id: str) -> str:
    return f"/api/model/runs/{run_id}"
