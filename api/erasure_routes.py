"""A user who asks to be forgotten: no replica answers about them any more, and no training learns from them."""

import logging
from typing import Final

from fastapi import APIRouter, Depends, Request
from pydantic import SecretStr

from api.admin import ADMIN_PROBLEMS, NEEDS_TOKEN, Admin
from api.audit import Caller
from api.openapi import problem_answers
from api.path_ids import UserId
from api.problems import Kind, Problem
from api.services import Parts, Services
from registry.erasures import Erasures
from runtime.errors import RecommenderError

log = logging.getLogger(__name__)

_LOOK: Final = "/api/erasures/look"
_LISTS: Final = b"/recommendations"
_SHOWN: Final = 12
router = APIRouter(tags=["Privacy"], dependencies=[NEEDS_TOKEN])


async def refuse_lists(request: Request) -> None:
    """Take a list's own path for what it is, and no id that ends so, which would have its slash encoded.

    Raises the Problem of a method that the list's path does not take, whoever asks.
    """
    if request.scope["raw_path"].endswith(_LISTS):
        raise Problem(Kind.METHOD_NOT_ALLOWED, "this path takes GET", headers={"Allow": "GET"})


@router.delete(
    "/api/users/{user_id:external_id}",
    status_code=204,
    dependencies=[Depends(refuse_lists)],
    responses=problem_answers(*ADMIN_PROBLEMS, Kind.METHOD_NOT_ALLOWED, Kind.STORE_UNAVAILABLE),
)
def erase(parts: Parts, admin: Admin, user_id: UserId) -> None:
    """Erase a user: from the answer on they are unknown here, whatever model is served, and trainings leave them out.

    Other replicas are told at once where they can be, and find out within POLL_SECONDS. Erasing again, or somebody
    whom no model knows, is as good. The store keeps a digest of the id, and the shop's own tables are not touched.
    """
    with admin.changing("erase") as change:
        digest = Erasures(parts.registry.store).add(user_id, admin.recorded_as)
        # The audit log is not to keep the id either; the object in the store has the same name.
        change.object = f"user {digest[:_SHOWN]}"
        _look_here(parts)
    _tell_others(parts, admin)


@router.post(_LOOK, status_code=204, responses=problem_answers(*ADMIN_PROBLEMS, Kind.STORE_UNAVAILABLE))
def look(parts: Parts, _admin: Admin) -> None:
    """Have this replica look at once who was erased: the replica that takes an erasure asks the others this."""
    _look_here(parts)


def _look_here(parts: Services) -> None:
    """Have all workers of this replica know who was erased. Raises the store's errors, NoAnswerError."""
    parts.follower.erased.look()
    parts.siblings.look()


def _tell_others(parts: Services, admin: Caller) -> None:
    """Have the other replicas look. What cannot be told is no failure: each looks by itself all the time."""
    assert admin.token is not None  # noqa: S101 (what the role admin rests on)
    try:
        untold = parts.replicas.tell(_LOOK, SecretStr(admin.token.secret.decode("latin-1")))
    except RecommenderError as error:
        log.warning("The other replicas learn of an erasure with their next look: %s", error)
        return
    if untold:
        log.warning("%s learn of an erasure with their next look: they could not be told", ", ".join(untold))
