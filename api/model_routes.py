"""Which model is in service, which versions there are, and putting an earlier one back."""

import tempfile
from pathlib import Path

from fastapi import APIRouter

from api.admin import ADMIN_PROBLEMS, NEEDS_TOKEN, Admin
from api.answers import ModelDescription, PointerDescription, VersionDescription, VersionList
from api.openapi import problem_answers
from api.problems import Kind, Problem
from api.requests import RollbackRequest
from api.services import Parts, Served, Services
from api.workers.siblings import first_problem, in_service_since
from registry.pointer import Pointer
from registry.registry import Registry
from serving.rollback import roll_back

_ROLLBACK_PROBLEMS = (
    Kind.INVALID_JSON,
    Kind.BAD_REQUEST,
    Kind.REQUEST_TOO_SLOW,
    Kind.VERSION_NOT_FOUND,
    Kind.VERSION_REFUSED,
    Kind.BODY_TOO_LARGE,
    Kind.BODY_NOT_JSON_TYPE,
    Kind.INVALID_REQUEST,
    Kind.STORE_UNAVAILABLE,
    Kind.CLUSTER_UNAVAILABLE,
)
router = APIRouter(tags=["Model"])


@router.get("/api/model", responses=problem_answers(Kind.MODEL_NOT_TRAINED, Kind.MODEL_NOT_AVAILABLE))
async def model(served: Served, parts: Parts) -> ModelDescription:
    """Describe the version in service."""
    manifest, pointer = served.manifest, served.pointer
    others = await parts.siblings.states()
    return ModelDescription(
        version=served.version,
        previous=pointer.previous if pointer else None,
        promoted_at=pointer.promoted_at if pointer else None,
        promoted_by=pointer.promoted_by if pointer else None,
        created_at=manifest.created_at,
        age_days=round(served.age_days, 4),
        data_until=manifest.data_until,
        recipe=manifest.recipe,
        metrics=manifest.metrics,
        loaded_at=in_service_since(served, others),
        pinned=parts.settings.model_version is not None,
        problem=first_problem(parts.models.state, others),
    )


@router.get("/api/model/versions", responses=problem_answers(Kind.STORE_UNAVAILABLE))
def versions(parts: Parts) -> VersionList:
    """List the versions in the store, newest first."""
    pointer = parts.registry.pointer_state().pointer
    return VersionList(
        versions=[
            VersionDescription(
                version=summary.version,
                size_bytes=summary.size_bytes,
                published_at=summary.published_at,
                current=pointer is not None and summary.version == pointer.version,
            )
            for summary in reversed(parts.registry.versions())
        ]
    )


@router.post(
    "/api/model/rollback",
    dependencies=[NEEDS_TOKEN],
    responses=problem_answers(*ADMIN_PROBLEMS, *_ROLLBACK_PROBLEMS),
)
def rollback(parts: Parts, admin: Admin, asked: RollbackRequest | None = None) -> PointerDescription:
    """Put an earlier version back in service, by default the previous one, after checking that it loads.

    In a cluster the replicas restart with it, one after the other; where they cannot, nothing is changed.
    """
    version = asked.version if asked else None
    with admin.changing("rollback") as change:
        change.object = f"to {version or 'the previous version'}"
        pointer = _roll_back(parts, version, admin.recorded_as)
        change.object = f"to {pointer.version}"
    parts.follower.poke()
    parts.siblings.poke()
    return PointerDescription(**pointer.model_dump())


def _roll_back(parts: Services, version: str | None, by: str) -> Pointer:
    if version is not None and not _holds(parts.registry, version):
        raise Problem(Kind.VERSION_NOT_FOUND, f"the store holds no version {version}")
    with tempfile.TemporaryDirectory(prefix="recommender-rollback-") as directory:
        return roll_back(parts.registry, parts.replicas, version, by, Path(directory))


def _holds(registry: Registry, version: str) -> bool:
    return any(summary.version == version for summary in registry.versions())
